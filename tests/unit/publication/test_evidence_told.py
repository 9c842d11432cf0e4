"""What a reader of a trace is told: loudly where rows do not add up, plainly where there is nothing to trace."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.publication.evidence.command import run_trace
from pipelines.publication.evidence.told import lines
from pipelines.settings import PROJECT, Settings


def traced(same: bool | None, released: float | None = 120.0) -> dict[str, Any]:
    file = {
        "path": "homes/2025/500113.csv",
        "sha256": "ab" * 32,
        "state": "partly",
        "superseded": 0,
        "included": {"rows": 25, "row_numbers": list(range(2, 22)), "quantity": 118},
        "excluded": [{"reason": "状态 = 关闭", "rows": 2, "row_numbers": [27, 29]}],
        "refused": [{"reason": "主键重复", "rows": 1, "row_numbers": [28]}],
    }
    part = {
        "role_name": "分子", "measure_name": "床位", "measure_key": "beds", "total": 118, "unit": "张",
        "region_name": "巴南区", "region_code": "500113", "period": "2025", "source_name": "名册", "source": "homes",
        "rows_included": 25, "rows_excluded": 2, "is_personal": False, "own_figures": [], "files": [file],
        "earlier_files": 3, "missing_suppliers": [{"region_name": "江北区", "why": "未报送"}],
    }  # fmt: skip
    return {
        "indicator_name": "床位数", "indicator_key": "beds_total", "variant": "default", "region_name": "巴南区",
        "region_code": "500113", "period": "2025", "release_id": "r1", "definition": "床位之和", "value": released,
        "unit": "张", "obs_status": "A", "numerator": released, "denominator": None, "partial_value": None,
        "extreme": None, "coverage_m": 1, "coverage_n": 1, "note": None, "parts": [part], "units": None,
        "checks": [{"name": "分子", "released": released, "from_rows": 118, "same": same}],
    }  # fmt: skip


def test_a_sum_that_differs_is_said_loudly():
    told = list(lines(traced(False)))
    assert told[-2] == "核对 · adds up: 分子 发布 120，由各行得 118：不符 · NO"
    assert told[-1].startswith("！！ 各行合计与发布的数不符")


@pytest.mark.parametrize("same", [True, None])
def test_else_nothing_is_loud(same):
    assert not any("！！" in line for line in lines(traced(same)))


def test_files_with_what_counts_what_does_not_and_what_was_refused():
    told = list(lines(traced(True)))
    at = told.index(f"  homes/2025/500113.csv  sha256 {'ab' * 32}  部分拒收")
    assert told[at + 1 : at + 6] == [
        "    计入 25 行，计 118；第 2–21 行 …（--all 列出全部 25 行）",
        "    不计 2 行：状态 = 关闭；第 27、29 行",
        "    拒收 1 行：主键重复；第 28 行",
        "  本年较早月份的 3 个文件不计：只取当年最后一次报送",
        "  缺：江北区（未报送）",
    ]


@pytest.mark.parametrize(
    ("released", "message"),
    [(False, "尚无发布"), (True, "没有留存依据")],
    ids=["nothing released", "released before evidence was kept"],
)
def test_without_evidence_the_next_step_is_told(tmp_path: Path, capsys, released, message):
    (tmp_path / "warehouse").mkdir()
    if released:
        (tmp_path / "warehouse" / "marts.duckdb").touch()
    settings = Settings(PROJECT / "raw", tmp_path, PROJECT / "dbt_project", PROJECT / "expectations")
    assert run_trace(settings, ("nursing_bed_share", "500113", "2025", "default"), False, "text", None) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert message in told.err
    assert "carestat nightly" in told.err
