"""What people read: short, in Chinese first, without anything of a person or of the machine."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.operations.alerts.late import late
from pipelines.operations.alerts.memory import Memory
from pipelines.operations.alerts.message import Message, harmless
from pipelines.operations.alerts.robots import cut
from pipelines.settings import Settings

HERE = Settings(Path("/srv/care/raw"), Path("/srv/care/var"), Path("/srv/care/dbt"), Path("/srv/care/expectations"))


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("磁盘写不了 · no space left\nTraceback …", "磁盘写不了 · no space left"),
        ("could not parse `王某某` as date", "could not parse “…” as date"),
        ("Could not convert string '张三' to INT64", "Could not convert string “…” to INT64"),
        ("bad id 110101195003071234", "bad id ***"),
        ("cannot write /srv/care/var/landing/landed/x.parquet", "cannot write var/landing/landed/x.parquet"),
        ("no module 'pipelines.landing.land'", "no module 'pipelines.landing.land'"),
        ("", ""),
    ],
)
def test_an_errors_text_is_made_harmless(error: str, told: str) -> None:
    assert harmless(error, HERE) == told


def test_no_path_of_the_machine_is_told() -> None:
    assert "home" not in harmless("cannot open /home/somebody/x/y.csv", HERE)


def row(
    supplier: str, days: int, source: str = "deaths", period: str = "2025", state: str = "missing"
) -> dict[str, Any]:
    return {
        "source": source, "period": period, "supplier": supplier, "region_name": f"县{supplier[-2:]}",
        "due_date": date(2026, 3, 31), "state": state, "days_late": days,
    }  # fmt: skip


def test_many_late_deliveries_are_one_short_message() -> None:
    sources = ("deaths", "population", "fund_ledger", "task_ledger", "communities", "care_contacts", "regions")
    rows = [row(f"5001{n:02}", n + 1, source) for source in sources for n in range(30)]
    occasion = late(rows, ())
    message = Message("id", "alert", ("late",), occasion.headline, occasion.lines, datetime(2026, 11, 22, tzinfo=UTC))
    lines = message.text.split("\n")
    assert lines[0] == "【carestat】210 份交付逾期未到（7 个来源）"
    assert "县29、县28、县27、县26等 30 家，应于 2026-03-31 前，最久逾期 30 天" in lines[1]
    assert lines[7] == "· 另有 1 组"
    assert len(lines) <= 15
    assert any(line.startswith("下一步：") for line in lines)


def test_what_was_not_told_before_comes_first() -> None:
    known = frozenset({"population/2025/500101", "population/2025/500102"})
    rows = [row("500101", 90, "population"), row("500102", 90, "population"), row("500113", 1, state="refused")]
    occasion = late(rows, known)
    assert occasion.headline == "3 份交付逾期未到（2 个来源），其中新增 1 份"
    assert occasion.lines[0].startswith("· 【新增】") and "县13（整份被拒）" in occasion.lines[0]
    assert "【新增】" not in occasion.lines[1]


def test_a_text_too_long_for_a_robot_keeps_its_head_and_what_to_do() -> None:
    text = "\n".join(["标题", *(f"第{n}行{'长' * 60}" for n in range(12)), "下一步：看", "next: look"])
    short = cut(text, 600)
    assert len(short.encode()) <= 600
    lines = short.split("\n")
    assert (lines[0], lines[-3:]) == ("标题", ["…", "下一步：看", "next: look"])
    assert cut("短", 600) == "短"
    assert len(cut("长" * 1000, 100).encode()) <= 100


@pytest.mark.parametrize(
    "kept",
    [
        None,
        [],
        {},
        {"open": 1},
        {"last_good": "yesterday", "since": None, "night": {}, "open": {}, "owed": [], "failed": {}},
    ],
)
def test_a_state_that_cannot_be_understood_is_begun_anew(kept: Any) -> None:
    assert Memory.from_json(kept) == Memory()
