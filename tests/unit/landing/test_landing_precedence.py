"""Whose row counts when several files speak of one region: revisions, levels, nil returns, late and odd arrivals."""

import os
import shutil

import pytest

COUNTS = "区划代码,性别,年龄组,死亡人数"
COUNTY, SECOND, PREFECTURE = (f"deaths/2024/{name}.csv" for name in ("511702", "511702_r2", "511700"))
#: readable as a file and not as a table; no table at all; a name that is no name
NO_HEADER, BROKEN, MISNAMED = "甲,乙\n1,2\n", b"\x00\x01", "deaths/2024/511702_r1.csv"


def dead(region, count):
    return f"{region},合计,合计,{count}"


def stamps(world, step):
    """Every file that one step of landing deaths keeps, and when it was written."""
    kept = {file: file.stat().st_mtime_ns for file in (world.var / "landing" / step / "deaths").rglob("*.*")}
    assert kept
    return kept


@pytest.fixture
def landing(world):
    """Lands deaths anew: region → what landed, path → state and superseded rows."""

    def landed(today=None):
        from pipelines.landing.land import Landing

        result = world.whole(Landing(world.raw, world.var, today=today).land("deaths"))
        rows = world.landed(result) if result.files else None
        states = dict(result.delivery.select("path", "state").iter_rows())
        superseded = dict(result.reconciliation.select("path", "superseded").iter_rows())
        return (
            {} if rows is None else dict(rows.select("region_code", "deaths").iter_rows()),
            {path.removeprefix("deaths/"): (state, superseded[path]) for path, state in states.items()},
        )

    return landed


def test_of_one_number_the_later_extension_stands(world, landing):
    world.table(SECOND, COUNTS, dead(511702, 2))
    world.sheet("deaths/2024/511702_r2.xlsx", [COUNTS.split(","), ["511702", "合计", "合计", 3]])
    assert landing() == ({"511702": 3}, {"2024/511702_r2.csv": ("superseded", 1), "2024/511702_r2.xlsx": ("landed", 0)})


def test_the_number_outranks_the_extension_and_is_read_as_a_number(world, landing):
    world.sheet("deaths/2024/511702.xlsx", [COUNTS.split(","), ["511702", "合计", "合计", 1]])
    for revision in (2, 9, 10):
        world.table(f"deaths/2024/511702_r{revision}.csv", COUNTS, dead(511702, revision))
    rows, states = landing()
    assert rows == {"511702": 10}
    assert [path for path, (state, _) in states.items() if state == "landed"] == ["2024/511702_r10.csv"]


def test_a_revision_that_arrives_after_a_higher_one_changes_nothing(world, landing):
    world.table("deaths/2024/511702_r3.csv", COUNTS, dead(511702, 3))
    assert landing()[0] == {"511702": 3}
    world.table(SECOND, COUNTS, dead(511702, 2))
    assert landing() == ({"511702": 3}, {"2024/511702_r2.csv": ("superseded", 1), "2024/511702_r3.csv": ("landed", 0)})


def test_a_revision_replaces_every_row_also_those_it_does_not_repeat(world, landing):
    world.table(PREFECTURE, COUNTS, dead(511702, 1), dead(511703, 2))
    world.table("deaths/2024/511700_r2.csv", COUNTS, dead(511703, 5))
    assert landing()[0] == {"511703": 5}


def test_a_revision_replaces_within_its_period_only(world, landing):
    world.table("deaths/2023/511702.csv", COUNTS, dead(511702, 1))
    world.table(SECOND, COUNTS, dead(511702, 2))
    assert landing()[1] == {"2023/511702.csv": ("landed", 0), "2024/511702_r2.csv": ("landed", 0)}


@pytest.mark.parametrize("content", [NO_HEADER, BROKEN, ""])
def test_a_revision_nobody_can_read_replaces_its_supplier_and_no_other(world, landing, content):
    world.table(PREFECTURE, COUNTS, dead(511702, 1), dead(511703, 2))
    world.table(COUNTY, COUNTS, dead(511702, 7))
    assert landing()[0] == {"511702": 7, "511703": 2}
    world.put(SECOND, content)
    # the county says nothing now, so that the prefecture's row of it counts again
    rows, states = landing()
    assert rows == {"511702": 1, "511703": 2}
    assert states == {
        "2024/511700.csv": ("landed", 0),
        "2024/511702.csv": ("superseded", 1),
        "2024/511702_r2.csv": ("rejected", 0),
    }


def test_a_readable_revision_after_an_unreadable_one_stands(world, landing):
    world.table(COUNTY, COUNTS, dead(511702, 1))
    world.put(SECOND, BROKEN)
    assert landing()[0] == {}
    world.table("deaths/2024/511702_r3.csv", COUNTS, dead(511702, 3))
    assert landing()[0] == {"511702": 3}


def test_a_misnamed_revision_replaces_nothing(world, landing):
    world.table(COUNTY, COUNTS, dead(511702, 1))
    world.table(MISNAMED, COUNTS, dead(511702, 2))
    assert landing() == ({"511702": 1}, {"2024/511702.csv": ("landed", 0), "2024/511702_r1.csv": ("rejected", 0)})


def test_a_withdrawn_revision_puts_the_one_before_in_force_again(world, landing):
    world.table(COUNTY, COUNTS, dead(511702, 1))
    second = world.table(SECOND, COUNTS, dead(511702, 2))
    assert landing()[0] == {"511702": 2}
    second.unlink()
    assert landing() == ({"511702": 1}, {"2024/511702.csv": ("landed", 0)})


def test_a_nil_return_is_a_revision_too_and_speaks_for_its_region(world, landing):
    world.table(PREFECTURE, COUNTS, dead(511702, 1), dead(511703, 2))
    world.table(COUNTY, COUNTS, dead(511702, 7))
    world.table(SECOND, COUNTS)
    rows, states = landing()
    assert rows == {"511703": 2}
    assert states["2024/511700.csv"] == ("landed", 1)
    assert (states["2024/511702.csv"], states["2024/511702_r2.csv"]) == (("superseded", 1), ("landed", 0))


def test_a_lower_file_with_a_header_displaces_even_if_all_its_rows_are_refused(world, landing):
    world.table(PREFECTURE, COUNTS, dead(511702, 1), dead(511703, 2))
    world.table(COUNTY, COUNTS, dead(511702, "许多"))
    rows, states = landing()
    assert rows == {"511703": 2}
    assert states == {"2024/511700.csv": ("landed", 1), "2024/511702.csv": ("rejected", 0)}


def test_the_lowest_of_three_levels_speaks(world, landing):
    world.table("deaths/2024/510000.csv", COUNTS, dead(510000, 9), dead(511700, 8), dead(511702, 1), dead(511703, 2))
    world.table(PREFECTURE, COUNTS, dead(511702, 3), dead(511703, 4))
    world.table(COUNTY, COUNTS, dead(511702, 5))
    rows, states = landing()
    assert rows == {"510000": 9, "511702": 5, "511703": 4}
    assert {path: count for path, (_, count) in states.items()} == {
        "2024/510000.csv": 3, "2024/511700.csv": 1, "2024/511702.csv": 0,
    }  # fmt: skip


def test_a_row_beneath_a_lower_supplier_is_displaced_with_its_region(world, landing):
    world.table(PREFECTURE, COUNTS, dead("511702001", 1), dead("511703001", 2))
    world.table(COUNTY, COUNTS, dead(511702, 5))
    assert landing()[0] == {"511702": 5, "511703001": 2}


def test_superseding_comes_before_the_checks(world, landing):
    world.table(PREFECTURE, COUNTS, dead(511702, "许多"), dead(511703, "许多"))
    world.table(COUNTY, COUNTS, dead(511702, 5))
    rows, states = landing()
    assert rows == {"511702": 5}
    assert states["2024/511700.csv"] == ("rejected", 1)


def test_a_row_under_a_former_code_is_displaced_by_the_successor(world, landing):
    world.table(PREFECTURE, COUNTS, dead(511721, 1), dead(511702, 2))
    world.table("deaths/2024/511703.csv", COUNTS, dead(511703, 5))
    assert landing()[0] == {"511702": 2, "511703": 5}


def test_the_same_bytes_again_under_a_higher_number_are_not_read_again(world, landing):
    world.table(COUNTY, COUNTS, dead(511702, 1))
    landing()
    parsed = stamps(world, "parsed")
    shutil.copyfile(world.raw / COUNTY, world.raw / SECOND)
    assert landing() == ({"511702": 1}, {"2024/511702.csv": ("superseded", 1), "2024/511702_r2.csv": ("landed", 0)})
    assert stamps(world, "parsed") == parsed


def test_the_same_file_delivered_again_is_no_work(world, landing):
    path = world.table(COUNTY, COUNTS, dead(511702, 1))
    landing()
    before = stamps(world, "landed")
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    os.utime(path, (1_600_000_000, 1_600_000_000))
    assert landing()[0] == {"511702": 1}
    assert before == stamps(world, "landed")


def test_a_late_arrival_for_an_old_period_leaves_the_others_as_they_landed(world):
    world.table(COUNTY, COUNTS, dead(511702, 1))
    (kept,) = world.land("deaths").files
    stamp = kept.stat().st_mtime_ns
    world.table("deaths/2020/511702.csv", COUNTS, dead(511702, 4))
    late, current = world.whole(world.land("deaths")).files
    assert (late.parent.name, current, current.stat().st_mtime_ns) == ("2020", kept, stamp)


def test_new_bytes_under_a_superseded_name_are_told_and_change_nothing(world, landing):
    world.table(COUNTY, COUNTS, dead(511702, 1))
    world.table(SECOND, COUNTS, dead(511702, 2))
    landing()
    world.table(COUNTY, COUNTS, dead(511702, 100))
    result = world.whole(world.land("deaths"))
    assert result.finding.select("path", "finding").rows() == [(COUNTY, "changed_in_place")]
    assert landing()[0] == {"511702": 2}
