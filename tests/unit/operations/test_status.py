"""What `carestat status` tells, over ops tables written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.operations.outcome import Failure, State
from pipelines.operations.report import write
from pipelines.operations.status import as_json, last_run, status_lines, status_of
from pipelines.operations.status_command import status
from tests.unit.operations.told_night import ENDED, FORMER, NOW, PRESENT, Night, delivery

FAILED = {"suite": "population", "check": "positive", "severity": "critical", "success": False, "waived": False}


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def lines_of(night: Night) -> dict[str, str]:
    """First word → the rest of each line."""
    told = status_lines(night.settings, status_of(night.settings, NOW))
    return dict(line.strip().partition(" ")[::2] for line in told)


@pytest.fixture
def told(night: Night) -> Callable[..., dict[str, str]]:
    """The lines for a last run with so many findings of each kind, corrected cells and revised values."""

    def lines(findings: dict[str, int], corrected: int = 0, revised: int = 0) -> dict[str, str]:
        night.recorded()
        with duckdb.connect(str(night.settings.ops)) as connection:
            for finding, count in findings.items():
                connection.execute(f"insert into finding (finding) select '{finding}' from range({count})")
            connection.execute(f"insert into correction (path) select 'a' from range({corrected})")
            connection.execute(f"insert into revision (period) select '2024' from range({revised})")
        return lines_of(night)

    return lines


def test_findings_that_ask_for_something_come_first_however_few(told) -> None:
    many = {f"kind_{number}": 20 - number for number in range(10)}
    findings = told(many | {"correction_stale": 1, "still_being_written": 2})["发现"]
    assert findings.split("，")[:3] == ["· findings          still_being_written 2", "correction_stale 1", "kind_0 20"]
    assert "kind_7" in findings and "kind_8" not in findings and findings.endswith("另有 2 种 · 2 more")


def test_corrections_and_revised_values_are_counted(told) -> None:
    lines = told({"correction_stale": 1, "correction_invalid": 2}, corrected=3, revised=4)
    assert lines["更正"].endswith("应用 3 格，失效 1 条，写错 2 条")
    assert lines["改变的数"].endswith(" 4")


def test_nothing_is_said_of_corrections_where_there_are_none(told) -> None:
    assert not {"更正", "改变的数"} & set(told({"incomplete": 1}))


def test_what_is_owed_is_told_by_supplier(night: Night) -> None:
    night.calendar("deaths,511702,,1,10,5,2024,,")
    night.released(FORMER, delivery=[delivery("deaths/2010/511702.csv", received_at=ENDED.replace(2011))])
    lines = lines_of(night)
    assert lines["应报未报"] == "· overdue       缺报 2"
    assert lines["missing"].strip() == "通川区《deaths》2024 至 2025 共 2 期（超期 421 天）"
    assert "剩" in lines["磁盘"]


def test_the_last_night_is_told_beside_the_last_run(night: Night) -> None:
    night.released(FORMER)
    night.recorded(check_result=[FAILED])
    failed = night.ended(State.CHECKS_FAILED, Failure("expectations", "positive"))
    write(night.settings, failed, NOW)
    assert last_run(night.settings) == failed
    write(night.settings, night.ended(State.WAITED, Failure("run.lock", "另一次运行仍在进行")), NOW)
    lines = lines_of(night)
    assert lines["最近一夜"] == "· last night    另一次运行占用，未运行（2026-03-07 02:01）"
    assert "否，原发布继续服务" in lines["是否发布"]


def test_without_a_report_the_run_is_told_from_its_tables(night: Night) -> None:
    night.released(FORMER)
    assert last_run(night.settings).state is State.RELEASED  # the released file's own tables
    night.released(PRESENT, release=[{"release_id": PRESENT}])
    night.recorded(release=[{"release_id": PRESENT}])
    released = last_run(night.settings)
    assert (released.state, released.release_id, released.former_release_id) == (State.RELEASED, PRESENT, FORMER)
    night.settings.ops.unlink()
    night.recorded(check_result=[FAILED])
    refused = last_run(night.settings)
    assert (refused.state, refused.release_id, refused.former_release_id) == (State.CHECKS_FAILED, PRESENT, PRESENT)


def test_before_anything_ran_there_is_nothing_to_tell(night: Night) -> None:
    told = status_of(night.settings, NOW)
    assert (told.report, told.night, told.in_service, told.is_well) == (None, None, None, False)
    assert json.loads(as_json(told))["report"] is None


@pytest.mark.parametrize(
    ("state", "damaged", "exit_code"),
    [(State.NOTHING_NEW, False, 0), (State.KILLED, False, 1), (State.NOTHING_NEW, True, 1)],
)
def test_strict_fails_where_somebody_is_needed(night: Night, state: State, damaged: bool, exit_code: int) -> None:
    night.released(FORMER)
    night.recorded()
    write(night.settings, night.ended(state), NOW)
    if damaged:
        (night.settings.warehouse / "current").unlink()
    folders = ["--raw", str(night.settings.raw), "--var", str(night.settings.var)]
    asked = CliRunner().invoke(status, ["--strict", "--format", "json", *folders])
    told = json.loads(asked.stdout)
    assert (asked.exit_code, told["is_well"]) == (exit_code, exit_code == 0)
    assert told["last_night"]["outcome"]["state"] == state


def test_only_strict_tells_by_its_exit_code(night: Night) -> None:
    folders = ["--raw", str(night.settings.raw), "--var", str(night.settings.var)]
    assert CliRunner().invoke(status, folders).exit_code == 0
    assert CliRunner().invoke(status, [*folders, "--strict"]).exit_code == 1


def test_who_may_only_read_is_told_without_deliveries_and_key_and_leaves_nothing(night: Night, monkeypatch) -> None:
    night.recorded()
    night.settings.raw.mkdir(exist_ok=True)
    key = night.settings.var.parent / "keys" / "key"
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(key))
    monkeypatch.setattr("os.access", lambda path, mode: False)
    before = sorted(night.settings.var.rglob("*"))
    assert "交付文件" not in lines_of(night) and "发现" in lines_of(night)
    assert sorted(night.settings.var.rglob("*")) == before and not key.exists()
