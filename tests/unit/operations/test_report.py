"""What the report of a night says, over ops tables and releases written by hand."""

from __future__ import annotations

import json
import re
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.operations.outcome import Failure, State
from pipelines.operations.report import Report, model, write
from pipelines.operations.report.page import page
from tests.unit.operations.told_night import BEGAN, FORMER, NOW, ORIGIN, PRESENT, Night, delivery

KEPT = delivery("population/2024/511702.csv")
MENDED, WAS = delivery("population/2025/511702.csv", sha256="b" * 64), delivery("population/2025/511702.csv")
SECOND = delivery("population/2024/511700_r2.csv", state="partly")
FIRST = delivery("population/2024/511700.csv", state="superseded")
NEW = delivery("deaths/2025/511702.csv")
GONE = delivery("deaths/2024/511702.csv")
RELEASE = {"release_id": PRESENT}
REFUSED = {"source": "population", "reason": "bad_type", "all_reasons": "bad_type", "column": "persons"}
VALUE = {"variant": "default", "region_code": "511702", "period": "2025", "delivery": "population/2025/511702.csv"}
FAILED = {
    "suite": "population", "check": "parts_within_whole", "severity": "critical", "success": False, "waived": False,
    "unexpected_count": 2, "reason_zh": "部分不大于整体",
    "detail": "511702 2025，value = 130\n511703 2025，value = 121",
}  # fmt: skip


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    night.released(FORMER, delivery=[KEPT, WAS, FIRST, GONE], origin=[ORIGIN])
    return night


def of_release(night: Night, **rows: list[dict[str, Any]]) -> Report:
    """The report of a night that released."""
    rows = {"origin": [ORIGIN], "release": [RELEASE]} | rows
    night.released(PRESENT, **rows)
    night.recorded(**rows)
    return model(night.settings, night.ended(State.RELEASED), NOW)


def test_what_came_is_new_revised_or_withdrawn_against_the_former_release(night: Night) -> None:
    report = of_release(night, delivery=[KEPT, MENDED, FIRST, SECOND, NEW])
    assert [(a.change, a.path, a.supplier_name, a.source_title) for a in report.came.listed] == [
        ("withdrawn", "raw/deaths/2024/511702.csv", "通川区", "deaths"),
        ("new", "raw/deaths/2025/511702.csv", "通川区", "deaths"),
        ("revised", "raw/population/2024/511700_r2.csv", "达州市", "人口数"),
        ("revised", "raw/population/2025/511702.csv", "通川区", "人口数"),
    ]
    assert (report.came.new, report.came.revised, report.came.withdrawn, report.came.since) == (1, 2, 1, FORMER)
    assert [(s.source, s.new, s.revised, s.withdrawn) for s in report.came.by_source] == [
        ("deaths", 1, 0, 1),
        ("population", 0, 2, 0),
    ]
    assert report.headline == f"已发布；{PRESENT}，新到 4 份交付"


def test_a_release_without_new_deliveries_says_so(night: Night) -> None:
    report = of_release(night, delivery=[KEPT, WAS, FIRST, GONE])
    assert report.headline == f"已发布；{PRESENT}，没有新交付，口径或程序有变"


def test_before_the_first_release_everything_came(tmp_path: Path) -> None:
    night = Night(tmp_path)
    rows = {"delivery": [KEPT, NEW], "origin": [ORIGIN], "release": [RELEASE]}
    night.released(PRESENT, **rows)
    night.recorded(**rows)
    report = model(night.settings, night.ended(State.RELEASED, former_release_id=None), NOW)
    assert (report.came.new, report.came.since) == (2, None)
    assert report.headline == f"已发布；{PRESENT}，首次发布，2 份交付"
    assert "首次运行：新到 2" in page(report)


def test_refusals_of_this_night_stand_apart_from_those_that_wait_to_be_mended(night: Night) -> None:
    old = [REFUSED | {"path": KEPT["path"], "row_number": row} for row in (2, 3)]
    fresh = REFUSED | {
        "path": SECOND["path"],
        "row_number": 9,
        "reason": "out_of_jurisdiction",
        "column": "region_code",
    }
    broken = NEW | {"state": "rejected", "reason": "unreadable_file"}
    answer = night.settings.var / "quarantine" / "population" / "2024" / "511700_r2.csv.answer.xlsx"
    answer.parent.mkdir(parents=True)
    answer.touch()
    report = of_release(night, delivery=[KEPT, WAS, FIRST, SECOND, broken, GONE], quarantine=[*old, fresh])
    refused = report.refused
    assert (refused.rows, refused.new_rows, refused.files, refused.new_files) == (3, 1, 1, 1)
    assert [(r.is_new, r.supplier_name, r.reason, r.rows, r.files) for r in refused.listed] == [
        (True, "通川区", "unreadable_file", 0, 1),
        (True, "达州市", "out_of_jurisdiction", 1, 1),
        (False, "通川区", "bad_type", 2, 1),
    ]
    whole, row, _ = refused.listed
    assert "另存为 .xlsx" in whole.remedy and "由该地区的单位报送" in row.remedy
    assert (whole.answer, row.answer) == ("", "var/quarantine/population/2024/511700_r2.csv.answer.xlsx")
    assert {"新到的交付中 1 份整份未接收", "新到的交付中 1 行被拒收，回执已写好，请转报送单位"} <= {
        notice.text for notice in report.notices
    }


def test_as_many_refused_rows_as_there_may_be_are_told_in_a_few_groups(night: Night) -> None:
    night.recorded(delivery=[KEPT], origin=[ORIGIN])
    with duckdb.connect(str(night.settings.ops)) as connection:
        connection.execute(
            "insert into quarantine (path, source, row_number, reason, \"column\") select 'population/2024/511702.csv',"
            " 'population', n, 'bad_type', 'column_' || n % 500 from range(60000) t(n)"
        )
    report = model(night.settings, night.ended(State.NOTHING_NEW), NOW)
    assert (report.refused.rows, len(report.refused.listed), report.refused.more) == (60000, 60, 440)
    assert report.refused.reasons == {"bad_type": 60000}
    assert len(page(report)) < 100_000


def test_the_largest_changes_are_told_with_names_and_cause(night: Night) -> None:
    revision = [
        VALUE | {"indicator_key": "beds", "old": 1000.0, "new": 1100.0},
        VALUE | {"indicator_key": "rate", "old": 50.0, "new": 25.0, "region_code": "511700"},
        VALUE | {"indicator_key": "rate", "old": 0.0, "new": 4.0, "period": "2023"},
        VALUE | {"indicator_key": "rate", "old": None, "new": 4.0, "period": "2022", "delivery": ""},
        VALUE | {"indicator_key": "beds", "old": 7.0, "new": None, "period": "2021"},
    ]
    changed = of_release(night, delivery=[KEPT, MENDED, FIRST, GONE], revision=revision).changed
    assert (changed.values, changed.appeared, changed.vanished) == (5, 1, 1)
    assert [(c.indicator_name, c.region_name, c.relative) for c in changed.largest_relative] == [
        ("参保率", "达州市", -0.5),
        ("养老床位数", "通川区", 0.1),
    ]
    assert [(c.indicator_key, c.period, c.difference) for c in changed.largest_absolute] == [
        ("beds", "2025", 100.0),
        ("rate", "2025", -25.0),
        ("rate", "2023", 4.0),
    ]
    assert [(c.old, c.new, c.unit) for c in changed.largest_vanished] == [(7.0, None, "张")]
    assert changed.causes == {"population/2025/511702.csv": 4, "": 1}


def test_a_failed_check_is_the_first_thing_said(night: Night) -> None:
    night.recorded(delivery=[KEPT, MENDED, FIRST, GONE], origin=[ORIGIN], check_result=[FAILED])
    report = model(night.settings, night.ended(State.CHECKS_FAILED, Failure("expectations", "1 failed")), NOW)
    assert report.headline == f"检查未通过，未发布；{FORMER} 继续服务（2026-03-06 02:00 发布）"
    assert report.notices[0].severity == "critical"
    assert report.notices[0].text == "关键检查未通过：population.parts_within_whole 部分不大于整体（2 行不符）"
    assert [arrival.change for arrival in report.came.listed] == ["revised"]
    told = page(report)
    assert "511703 2025，value = 121" in told and told.index("未通过的关键检查") < told.index("新到的交付")


def test_a_run_that_broke_while_it_landed_withdraws_nothing(night: Night) -> None:
    night.recorded(delivery=[NEW])
    report = model(night.settings, night.ended(State.FAILED, Failure("landing__deaths", "No space left")), NOW)
    assert (report.came.new, report.came.withdrawn, report.record.is_complete) == (1, 0, False)
    assert report.notices[0].text.endswith("中断：No space left") and "死亡人数" in report.notices[0].text


@pytest.mark.parametrize("state", [State.KILLED, State.WAITED, State.NOTHING_NEW, State.FAILED])
def test_what_an_earlier_run_recorded_is_not_told_of_this_night(night: Night, state: State) -> None:
    night.recorded(at=BEGAN - timedelta(hours=20), delivery=[KEPT, MENDED], origin=[ORIGIN], check_result=[FAILED])
    report = model(night.settings, night.ended(state), NOW)
    assert report.record.of == "earlier_run"
    assert (report.came.total, report.changed.values) == (0, 0)
    assert report.came.is_known is (state is State.NOTHING_NEW)
    assert not [notice for notice in report.notices if notice.kind == "checks"]
    assert "最近一次留下记录的运行（2026-03-06 06:00）" in page(report)


@pytest.mark.parametrize("content", [b"", b"torn" * 5000])
def test_without_a_record_the_released_file_is_asked(night: Night, content: bytes) -> None:
    night.settings.ops.write_bytes(content)
    report = model(night.settings, night.ended(State.KILLED), NOW)
    assert (report.record.of, report.deliveries) == ("release", {"landed": 3, "superseded": 1})
    assert [n.kind for n in report.notices if n.severity == "critical" and n.kind != "disk"] == ["step"]
    assert "ops.duckdb" in report.record.problem and FORMER in page(report)


def test_where_there_is_nothing_at_all_the_report_says_that(tmp_path: Path) -> None:
    night = Night(tmp_path)
    outcome = night.ended(State.KILLED, release_id=None, former_release_id=None)
    report = model(night.settings, outcome, NOW)
    assert report.headline == "运行进程中途消失，未发布；尚无可用的发布"
    assert "没有在用的发布，统计人员查不到数据" in {notice.text for notice in report.notices}
    assert (report.record.of, report.rows, report.deliveries) == ("none", None, {})
    assert "尚无可用的发布" in page(report)


def test_rows_that_are_not_all_accounted_for_are_urgent(night: Night) -> None:
    account = {"path": KEPT["path"], "delivered": 10, "landed": 7, "quarantined": 1, "superseded": 0, "ignored": 1}
    report = of_release(night, delivery=[KEPT], reconciliation=[account])
    assert report.notices[0].text == "行数对账不平：交付的行没有全部交代去向"


def test_the_calendar_speaks_of_suppliers_and_how_long_they_are_overdue(night: Night) -> None:
    night.calendar("deaths,511702,,1,10,5,2024,,", "population,511700,,2,28,10,2025,,")
    long_ago = delivery("deaths/2010/511702.csv", received_at=BEGAN.replace(2011))
    report = of_release(night, delivery=[KEPT, WAS, FIRST, long_ago])
    told = {notice.kind: notice.text for notice in report.notices}
    # on 7 March 2026; the first of the two was due on 10 January 2025
    assert told["missing"] == "缺报 2 份：通川区《deaths》2024 至 2025 共 2 期（超期 421 天）"
    assert told["late"] == "逾期未到，尚在宽限期 1 份：达州市《人口数》2025（超期 7 天）"
    assert (report.calendar.counts["missing"], report.calendar.counts["late"]) == (2, 1)
    assert "2024 至 2025 共 2 期" in page(report)


def test_a_delivery_that_came_this_night_after_its_grace_is_called_late(night: Night) -> None:
    night.calendar("deaths,511702,,1,10,5,2024,,", "population,511702,,1,10,5,2024,,")
    fresh = NEW | {"received_at": BEGAN.replace(tzinfo=None)}
    report = of_release(night, delivery=[KEPT, MENDED | {"received_at": BEGAN.replace(tzinfo=None)}, fresh])
    # due on 10 January 2026, come on 7 March by the clocks of Asia/Shanghai; a correction is not late
    assert {a.path: a.days_late for a in report.came.listed if a.change != "withdrawn"} == {
        "raw/deaths/2025/511702.csv": 56,
        "raw/population/2025/511702.csv": None,
    }
    assert "迟到 56 天" in page(report)


def test_a_calendar_that_cannot_be_read_is_said_and_nothing_else_is_lost(night: Night) -> None:
    night.calendar("nonsense,511702,,1,10,5,2024,,")
    report = of_release(night, delivery=[KEPT])
    assert "第 2 行：没有来源 nonsense" in report.calendar.problem
    assert report.deliveries == {"landed": 1} and "没有来源 nonsense" in page(report)


def test_pages_and_json_hold_no_markup_place_or_number_of_a_supplier(night: Night) -> None:
    hostile = KEPT | {"path": 'population/<img src=x onerror="a()">/1.csv', "sha256": "d" * 64}
    places = f"'{night.settings.var}/landing/x' '/srv/other/y.csv'"
    message = f"OSError: {places} of 511702195001011234 <script>alert(1)</script>"
    night.recorded(delivery=[KEPT, hostile], check_result=[FAILED | {"detail": "<b>bold</b>"}])
    written = write(night.settings, night.ended(State.FAILED, Failure("<release>", message)), NOW)
    html, data = written.read_text(encoding="utf-8"), written.with_suffix(".json").read_text(encoding="utf-8")
    assert not re.search(r"<(script|img|b)\b", html)
    for text in (html, data):
        assert str(night.settings.var) not in text and "/srv" not in text and "195001011234" not in text
    assert "var/landing/x" in data and "…/y.csv" in data and "***" in data


def test_a_report_is_kept_for_owner_and_group_and_is_the_latest(night: Night) -> None:
    night.recorded(delivery=[KEPT])
    folder = night.settings.var / "reports"
    written = write(night.settings, night.ended(State.NOTHING_NEW), NOW)
    assert written == folder / "20260306T180135Z-nothing_new.html"
    assert sorted(path.name for path in folder.iterdir()) == [
        "20260306T180135Z-nothing_new.html", "20260306T180135Z-nothing_new.json", "latest.html", "latest.json",
    ]  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o640}
    assert (folder / "latest.html").read_bytes() == written.read_bytes()
    told = json.loads((folder / "latest.json").read_bytes())
    assert (told["schema"], told["version"]) == ("carestat.run_report", 1)
    assert told["outcome"] == {
        "state": "nothing_new", "started_at": "2026-03-06T18:00:00Z", "ended_at": "2026-03-06T18:01:35Z",
        "run_id": "run-1", "started_by": "schedule", "release_id": FORMER, "former_release_id": FORMER,
        "failures": [], "seconds": 95.0,
    }  # fmt: skip
    assert list(told) == [
        "schema", "version", "made_at", "outcome", "headline", "headline_en", "notices", "service", "record", "came",
        "calendar", "refused", "changed", "checks", "findings", "corrections", "deliveries", "rows", "disk",
    ]  # fmt: skip


def test_a_page_needs_nothing_but_itself(night: Night) -> None:
    html = page(of_release(night, delivery=[KEPT, MENDED]))
    assert 'lang="zh-CN"' in html and "width=device-width" in html and "prefers-color-scheme: dark" in html
    assert not re.search(r"(src|href)=|url\(|@import|<script", html)
