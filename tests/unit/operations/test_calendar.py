"""Who owed what on which day: the calendar's rows against deliveries written by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from pipelines.contracts import SOURCES
from pipelines.operations import calendar, calendar_file
from pipelines.operations.arrived import Delivered
from pipelines.operations.calendar_file import CalendarInvalid
from pipelines.operations.places import EMPTY, Places
from pipelines.settings import PROJECT, Settings

COLUMNS = "source,supplier,months,due_months,due_day,grace_days,first_period,last_period,note"


def register(*regions: tuple[str, str, str, str]) -> pl.DataFrame:
    """code, parent, level, name; all valid since 2000."""
    rows = [
        {"region_code": code, "parent_code": parent, "level": level, "region_name": name,
         "valid_from": date(2000, 1, 1), "told_by_host": name.endswith("开发区")}
        for code, parent, level, name in regions
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=EMPTY)


SICHUAN = register(
    ("000000", "", "nation", "全国"),
    ("510000", "000000", "province", "四川省"),
    ("511700", "510000", "prefecture", "达州市"),
    ("511702", "511700", "county", "通川区"),
    ("511703", "511700", "county", "达川区"),
    ("511771", "511700", "county", "达州经济开发区"),
)
ENDED = pl.DataFrame(
    [{"region_code": "511721", "parent_code": "511700", "level": "county", "region_name": "达县",
      "valid_from": date(2000, 1, 1), "valid_to": date(2013, 7, 18), "successor_code": "511703",
      "told_by_host": False}],
    schema=EMPTY,
)  # fmt: skip
DAZHOU = Places(pl.concat([SICHUAN, ENDED]), frozenset({"511700"}))


def came(
    source: str, period: str, supplier: str, day: str = "2015-01-01", state: str = "landed", revision: int = 1
) -> Delivered:
    path = f"{source}/{period}/{supplier}" + (f"_r{revision}" if revision > 1 else "") + ".csv"
    received = datetime.fromisoformat(f"{day}T10:00:00+08:00").astimezone(UTC)
    return Delivered(source, period, supplier, revision, path, received, state)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., pl.DataFrame]:
    """The frame for lines of a calendar, a day, and what came."""

    def of(
        lines: list[str], today: str, *files: Delivered, places: Places = DAZHOU, known: bool = True
    ) -> pl.DataFrame:
        settings = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "dbt", tmp_path)
        (tmp_path / "delivery_calendar.csv").write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
        former = [came("population", "2010", code) for code in ("511700", "511702", "511703")] if known else []
        return calendar.judge(settings, date.fromisoformat(today), [*former, *files], places).frame

    return of


CARE = "care_contacts,511702,,1,10,5,2026-01,,"


@pytest.mark.parametrize(
    ("today", "files", "state", "days_late"),
    [
        ("2026-02-10", [], "not_yet_due", None),
        ("2026-02-11", [], "late", 1),
        ("2026-02-15", [], "late", 5),
        ("2026-02-16", [], "missing", 6),
        ("2026-02-16", [came("care_contacts", "2026-01", "511702", "2026-02-10")], "delivered", None),
        ("2026-02-16", [came("care_contacts", "2026-01", "511702", "2026-02-15")], "delivered", None),
        ("2026-02-28", [came("care_contacts", "2026-01", "511702", "2026-02-16")], "delivered_late", 6),
        ("2026-02-28", [came("care_contacts", "2026-01", "511702", "2026-02-01", "rejected")], "refused", 18),
        ("2026-02-28", [came("care_contacts", "2026-01", "511702", "2026-02-01", "waiting")], "delivered", None),
    ],
)
def test_what_became_of_a_delivery_that_was_asked_for(judged, today, files, state, days_late) -> None:
    row = judged([CARE], today, *files).row(0, named=True)
    assert (row["period"], row["due_date"], row["grace_until"]) == ("2026-01", date(2026, 2, 10), date(2026, 2, 15))
    assert (row["region_name"], row["state"], row["days_late"]) == ("通川区", state, days_late)


def test_a_late_correction_does_not_make_a_delivery_late_but_a_refused_one_takes_it_back(judged) -> None:
    on_time = came("care_contacts", "2026-01", "511702", "2026-02-08", "superseded")
    corrected = came("care_contacts", "2026-01", "511702", "2026-02-27", revision=2)
    broken = came("care_contacts", "2026-01", "511702", "2026-02-28", "rejected", revision=3)
    assert judged([CARE], "2026-02-28", on_time, corrected)["state"].to_list() == ["delivered"]
    assert judged([CARE], "2026-02-28", on_time, corrected, broken)["state"].to_list() == ["refused"]


def test_nobody_came_late_before_the_first_file_came(judged) -> None:
    files = [came("care_contacts", period, "511702", "2026-03-20") for period in ("2026-01", "2026-02", "2026-03")]
    # all was copied in March: what was due before then was in nobody's reach; February's due day was the tenth
    assert judged([CARE], "2026-04-30", *files, known=False)["state"].to_list() == ["delivered"] * 3
    earlier = came("deaths", "2024", "511702", "2026-02-01")
    states = judged([CARE], "2026-04-30", earlier, *files, known=False)["state"].to_list()
    assert states == ["delivered_late", "delivered_late", "delivered"]


def test_who_has_never_delivered_anything_is_told_apart(judged) -> None:
    line = "care_contacts,511703,,1,10,5,2026-01,,"
    states = judged([CARE, line], "2026-02-28", came("deaths", "2024", "511702"), known=False)
    assert states.select("supplier", "state", "days_late").rows() == [
        ("511702", "missing", 18),
        ("511703", "never", None),
    ]
    of_former_code = came("deaths", "2010", "511721")
    assert judged([line], "2026-02-28", of_former_code, known=False)["state"].to_list() == ["missing"]


def test_a_level_asks_every_county_but_zones_and_those_with_a_row_of_their_own(judged) -> None:
    level = "deaths,511700/county,,3,31,0,2024,,"
    assert judged([level], "2025-06-01")["supplier"].to_list() == ["511702", "511703"]
    own_day = judged([level, "deaths,511703,,5,31,0,2024,,"], "2025-06-01")
    assert own_day.select("supplier", "due_date").rows() == [
        ("511702", date(2025, 3, 31)),
        ("511703", date(2025, 5, 31)),
    ]
    assert judged([level, "deaths,511703,,,,,2024,,"], "2025-06-01")["supplier"].to_list() == ["511702"]


def test_outside_the_documents_a_level_asks_only_who_has_ever_delivered(judged) -> None:
    elsewhere = Places(SICHUAN, frozenset({"410000"}))
    level = "deaths,511700/county,,3,31,0,2024,,"
    assert judged([level], "2025-06-01", places=elsewhere).is_empty()
    once = came("deaths", "2019", "511702")
    assert judged([level], "2025-06-01", once, places=elsewhere)["supplier"].to_list() == ["511702"]
    named = judged(["deaths,511703,,3,31,0,2024,,"], "2025-06-01", places=elsewhere)
    assert named["state"].to_list() == ["missing"]


def test_a_file_under_a_former_code_answers(judged) -> None:
    line = "deaths,511703,,3,31,0,2024,,"
    assert judged([line], "2025-06-01", came("deaths", "2024", "511721"))["state"].to_list() == ["delivered"]


def test_a_file_from_above_answers_unless_it_was_asked_for_itself(judged) -> None:
    county, city = "deaths,511702,,3,31,0,2024,,", "deaths,511700,,3,31,0,2024,,"
    of_city, of_nation = came("deaths", "2024", "511700"), came("deaths", "2024", "000000")
    assert judged([county], "2025-06-01", of_city)["state"].to_list() == ["delivered"]
    states = judged([county, city], "2025-06-01", of_city).select("supplier", "state").rows()
    assert states == [("511700", "delivered"), ("511702", "missing")]
    assert judged([county], "2025-06-01", of_nation)["state"].to_list() == ["missing"]


def test_any_snapshot_since_the_one_before_answers(judged) -> None:
    line = "task_ledger,511700,6;12,1,15,0,2024-06-30,,".replace(";", ",").replace("6,12", '"6,12"')
    frame = judged([line], "2025-02-01", came("task_ledger", "2024-09-30", "511700"))
    assert frame.select("period", "state").rows() == [("2024-06-30", "missing"), ("2024-12-31", "delivered")]


def test_a_day_that_a_month_does_not_have_is_its_last_one(judged) -> None:
    frame = judged(["care_contacts,511702,12,2,31,0,2025-12,,"], "2026-06-01")
    assert frame["due_date"].to_list() == [date(2026, 2, 28)]


def test_what_fell_due_long_ago_is_only_counted(tmp_path: Path) -> None:
    (tmp_path / "delivery_calendar.csv").write_text(f"{COLUMNS}\ndeaths,511702,,3,31,0,2020,2024,\n", encoding="utf-8")
    settings = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "dbt", tmp_path)
    told = calendar.judge(settings, date(2025, 6, 1), [came("deaths", "2022", "511702")], DAZHOU)
    # due on 31 March of 2021 to 2025: 2024 and 2025 lie within fourteen months
    assert told.frame["period"].to_list() == ["2024"]
    assert (told.older_missing, told.last_due) == (3, date(2025, 3, 31))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("hospital,511702,,1,10,5,2026-01,,", "没有来源 hospital"),
        ("deaths,5117,,1,10,5,2024,,", "报送单位 5117"),
        ("deaths,511700/town,,1,10,5,2024,,", "报送单位 511700/town"),
        ("deaths,511702,,1,32,5,2024,,", "due_day"),
        ("deaths,511702,,1,10,5,2024,2025-06,", "2025-06 应写成 2024"),
        ("care_contacts,511702,,1,10,5,2024-13,,", "2024-13"),
        ("care_contacts,511702,13,1,10,5,2024-12,,", "months 13"),
        ("task_ledger,511702,,1,10,5,2024-12-31,,", "快照须写 months"),
        ("deaths,511702,,1,10,-1,2024,,", "grace_days"),
        ("deaths,511702,,soon,10,5,2024,,", "due_months"),
        ("care_contacts,511702,spring,1,10,5,2024-12,,", "months spring"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_meant_is_named(judged, line: str, says: str) -> None:
    with pytest.raises(CalendarInvalid, match="第 3 行") as refused:
        judged([CARE, line], "2026-06-01")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"source,supplier\n", "的列应为"), (f"{COLUMNS}\n{CARE}年报\n".encode("gb18030"), "UTF-8")],
)
def test_a_file_that_cannot_be_read_says_how_it_should_be(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "delivery_calendar.csv"
    path.write_bytes(content)
    with pytest.raises(CalendarInvalid, match=says):
        calendar_file.read(path)


def test_two_rows_that_ask_the_same_are_named(judged) -> None:
    with pytest.raises(CalendarInvalid, match="511702 的 2026-01 另有一行"):
        judged([CARE, CARE], "2026-06-01")


@pytest.fixture(scope="module")
def shipped_places() -> Places:
    """The regions that the shipped calendar speaks of."""
    henan = [(f"41{number:02}00", "410000", "prefecture", f"河南第{number}市") for number in range(1, 18)]
    counties = [(f"5117{number}", "511700", "county", f"县{number}") for number in (22, 23, 24, 25, 81)]
    others = [("410000", "000000", "province", "河南省"), ("419001", "410000", "county", "济源市")]
    return Places(pl.concat([SICHUAN, register(*henan, *counties, *others)]), frozenset({"410000", "511700"}))


def shipped_files() -> list[Delivered]:
    paths = [path.relative_to(PROJECT / "raw") for path in (PROJECT / "raw").glob("*/*/*.*")]
    return [came(path.parts[0], path.parts[1], path.stem) for path in sorted(paths)]


def test_the_shipped_calendar_names_every_source_and_finds_nothing_missing_in_what_ships(shipped_places) -> None:
    settings = Settings.from_environment()
    named = {row.source for row in calendar_file.read(PROJECT / "expectations" / "delivery_calendar.csv")}
    assert named == set(SOURCES)
    told = calendar.judge(settings, date(2026, 2, 1), shipped_files(), shipped_places)
    assert told.frame["state"].unique().to_list() == ["delivered"]
    assert (told.frame.height, told.older_missing) == (442, 0)
    later = calendar.judge(settings, date(2030, 1, 1), shipped_files(), shipped_places)
    assert (later.frame.height, later.older_missing, later.last_due) == (0, 0, date(2026, 1, 15))


def test_one_shipped_file_less_is_one_delivery_missing(shipped_places) -> None:
    left_out = "elderly_facilities/2025-12/511703.csv"
    files = [file for file in shipped_files() if file.path != left_out]
    frame = calendar.judge(Settings.from_environment(), date(2026, 2, 1), files, shipped_places).frame
    missing = frame.filter(pl.col("state") != "delivered")
    assert missing.select("source", "period", "region_name", "state", "days_late").rows() == [
        ("elderly_facilities", "2025-12", "达川区", "missing", 17)
    ]
