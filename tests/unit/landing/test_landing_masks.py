"""No citizen number is shown, and files that differ by one only stay distinct."""

import re

import polars as pl
import pytest

from pipelines.landing.land import Landing

FIRST, SECOND = "11010519491231002X", "110105194912310038"
COUNTS = "区划代码,性别,年龄组,死亡人数"


def shown(result):
    """Everything that the result tells of its files."""
    return str([frame.rows() for frame in (result.delivery, result.reconciliation, result.quarantine, result.finding)])


def test_files_named_by_numbers_stay_distinct(world):
    for number in (FIRST, SECOND):
        world.put(f"deaths/2024/{number}.csv", "x")
    result, again = world.land("deaths"), world.land("deaths")
    paths = result.delivery["path"].to_list()
    assert len(set(paths)) == 2
    assert all(re.fullmatch(r"deaths/2024/\*{3}-[0-9a-f]{8}\.csv", path) for path in paths)
    for frame in (again.delivery, result.reconciliation, result.finding):
        assert sorted(frame["path"]) == sorted(paths)
    assert result.finding["finding"].to_list() == ["file_rejected"] * 2


@pytest.mark.parametrize("path", ["population/{}/511702.csv", "population/2024/{}/511702.csv", "population/{}.csv"])
def test_folders_of_a_source_show_no_number(world, path):
    world.put(path.format(FIRST), "x")
    result = world.land("population")
    assert result.delivery["reason"].to_list() == ["bad_filename"]
    assert FIRST not in shown(result)
    assert FIRST[:15] not in shown(result)


def test_folders_of_no_source_show_no_number(world):
    for number in (FIRST, SECOND):
        world.put(f"{number}/2024/511702.csv", "x")
        world.put(f"{number}.csv", "x")
    strays = Landing(world.raw, world.var).strays()
    assert strays.delivery["path"].n_unique() == 4
    assert strays.delivery["source"].n_unique() == 3
    assert set(strays.finding["source"]) == set(strays.delivery["source"])
    assert not any(number in shown(strays) for number in (FIRST, SECOND))
    assert not any(number.encode() in (world.var / "landing/stat.json").read_bytes() for number in (FIRST, SECOND))


def test_a_masked_file_is_not_read_again_and_its_change_is_told(world):
    world.put(f"deaths/2024/{FIRST}.csv", "x")
    world.put(f"deaths/2024/{SECOND}.csv", "y")
    assert "changed_in_place" not in world.land("deaths").finding["finding"]
    world.put(f"deaths/2024/{SECOND}.csv", "new")
    finding = world.land("deaths").finding.filter(pl.col("finding") == "changed_in_place")
    assert finding.height == 1


def test_a_sheet_named_by_a_number_shows_none(world):
    import xlsxwriter

    path = world.put("deaths/2024/511702.xlsx", b"")
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet(FIRST)
        for number, line in enumerate([COUNTS, "511702,合计,合计,1", "511702,合计,合计,x"]):
            sheet.write_row(number, 0, line.split(","))
    result = world.whole(world.land("deaths"))
    assert result.quarantine["sheet"].to_list() == ["***"]
    assert world.landed(result)["delivery_sheet"].to_list() == ["***"]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("王秀兰 代", "***"), ("王秀兰(已故)", "***"), ("户主王秀兰", "***"), ("阿依古丽", "***"), ("约3次", "约3次"),
        ("2024年3月五日", "***"), ("２次以上", "２次以上"), ("张万年", "***"),
    ],
)  # fmt: skip
def test_a_name_in_a_wrong_cell_is_kept_in_no_spelling(world, written, kept):
    header = "身份证号,县区代码,乡镇街道代码,人员类别,探访次数"
    world.table("care_contacts/2024-03/511702.csv", header, f"11010519491231002X,511702,511702001,独居,{written}")
    assert world.refused(world.land("care_contacts")) == [(2, "bad_type", "bad_type", "contacts", kept)]
