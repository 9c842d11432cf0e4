"""What stands against a publication is told in full, with its remedy; nothing else stands against it."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from pipelines.publication.objections import BadCalendar, NothingOfYear, Objection, calendar, objections
from pipelines.settings import PROJECT
from pipelines.warehouse.read import connect
from tests.unit.publication.tiny_release import FIRST, SECOND, TinyRelease

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
NO_FIGURE_OF_511703 = (
    "update marts.indicator_value set value = null, obs_status = 'L', coverage_n = 0 where region_code = '511703'"
)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyRelease:
    return TinyRelease.in_folder(tmp_path)


def objected(tiny: TinyRelease, year: str = "2025", now: datetime = NOW) -> list[Objection]:
    release = connect(tiny.settings.released)
    try:
        return objections(tiny.settings, release, year, now)
    finally:
        release.close()


def test_nothing_stands_against_a_complete_release(tiny: TinyRelease) -> None:
    assert objected(tiny) == []


def test_a_failed_critical_check_is_named(tiny: TinyRelease) -> None:
    tiny.last_run(
        None,
        ("parts_within_whole", "critical", False, False),
        ("waived_one", "critical", False, True),
        ("only_reported", "warning", False, False),
        ("passed", "critical", True, False),
    )
    [one] = objected(tiny)
    assert "indicator_value.parts_within_whole（理由）" in one.what
    assert "carestat nightly" in one.remedy


def test_failed_warnings_and_waived_checks_do_not_stand_against_it(tiny: TinyRelease) -> None:
    tiny.last_run(FIRST, ("waived_one", "critical", False, True), ("only_reported", "warning", False, False))
    assert objected(tiny) == []


@pytest.mark.parametrize("ended", [None, SECOND])
def test_the_last_run_must_be_the_release_in_service(tiny: TinyRelease, ended: str | None) -> None:
    tiny.last_run(ended)
    [one] = objected(tiny)
    assert f"在用的是 {FIRST}" in one.what


def test_without_a_record_of_the_last_run_nobody_knows(tiny: TinyRelease) -> None:
    tiny.settings.ops.unlink()
    [one] = objected(tiny)
    assert "没有最近一次运行的记录" in one.what


def test_a_county_that_delivered_nothing_is_named(tiny: TinyRelease) -> None:
    tiny.release(SECOND, NO_FIGURE_OF_511703)
    tiny.last_run(SECOND)
    [one] = objected(tiny)
    assert "《方案》" in one.what and "达川区 511703" in one.what
    assert "511702" not in one.what and "511700" not in one.what
    assert "催报" in one.remedy


@pytest.mark.parametrize("status, coverage", [("O", 1), ("M", 1)])
def test_incomplete_or_not_applicable_is_delivered(tiny: TinyRelease, status: str, coverage: int) -> None:
    """Single figures that are missing stay flagged; they are no reason to wait."""
    tiny.release(
        SECOND,
        f"update marts.indicator_value set value = null, obs_status = '{status}', coverage_n = {coverage}"
        " where region_code = '511703'",
    )
    tiny.last_run(SECOND)
    assert objected(tiny) == []


def test_only_what_the_document_asks_for_counts(tiny: TinyRelease) -> None:
    tiny.release(
        SECOND,
        NO_FIGURE_OF_511703,
        "insert into marts.indicator_value values ('places', 'default', '511703', '2025', 9, 'A', 1)",
        "insert into marts.indicator_value values ('beds', 'default', '511703', '2024', 9, 'A', 1)",
    )
    tiny.last_run(SECOND)
    [one] = objected(tiny)
    assert "达川区 511703" in one.what


@pytest.mark.parametrize(
    "until, stands",
    [
        ("2026-06-01T09:00:00+08:00", False),
        ("2026-06-01T09:00:01+08:00", True),
        ("2026-06-01T01:00:01+00:00", True),
        ("2026-06-01T08:00:00+08:00", False),
    ],
)
def test_an_embargo_holds_to_the_second_in_its_own_zone(tiny: TinyRelease, until: str, stands: bool) -> None:
    tiny.calendar(f"2025,{until},统计局,例行")
    told = objected(tiny)
    assert bool(told) is stands
    assert all("前不得公布" in one.what and "统计局" in one.what for one in told)
    beijing = timezone(timedelta(hours=8))
    assert bool(objected(tiny, now=NOW.astimezone(beijing))) is stands


def test_an_embargo_of_another_year_does_not_hold(tiny: TinyRelease) -> None:
    tiny.calendar("2026,2099-01-01T09:00:00+08:00,统计局,例行")
    assert objected(tiny) == []


@pytest.mark.parametrize("until", ["2026-06-01T09:00:00", "6月1日", ""])
def test_an_embargo_without_a_clear_time_is_an_error_not_a_pass(tiny: TinyRelease, until: str) -> None:
    tiny.calendar(f"2025,{until},统计局,例行")
    with pytest.raises(BadCalendar, match=r"2025 年的 embargo_until"):
        objected(tiny)


def test_a_year_without_figures_cannot_be_published(tiny: TinyRelease) -> None:
    with pytest.raises(NothingOfYear, match=r"没有 2026 年的指标值.*2024、2025"):
        objected(tiny, "2026")


def test_all_reasons_are_told_at_once(tiny: TinyRelease) -> None:
    tiny.release(SECOND, NO_FIGURE_OF_511703)
    tiny.calendar("2025,2099-01-01T09:00:00+08:00,统计局,例行")
    tiny.last_run(None, ("a", "critical", False, False), ("b", "critical", False, False))
    assert len(objected(tiny)) == 4


def test_the_shipped_calendar_can_be_read() -> None:
    rows = calendar(PROJECT / "dbt_project" / "seeds" / "publication_calendar.csv")
    assert {row["year"] for row in rows} >= {"2025"}
    assert all(datetime.fromisoformat(row["embargo_until"]).tzinfo for row in rows)
