"""One night in which a supplier revises a figure and an approved correction mends another: who did what is told."""

import dataclasses
import shutil
from pathlib import Path

import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import RETURNS, Installation

SECOND, EARLIER = RETURNS.replace(".csv", "_r2.csv"), RETURNS.replace("2021", "2020")
FILE = "expectations/agency_returns.corrections.yml"
RECORDS = """
- match: {period: 2020, supplier: 500113, item_code: pension_insured}
  column: value
  from: 738000
  to: 73.9万
  reason: 区人社局更正函
  approved_by: 统计科
- match: {period: 2021, supplier: 500113, item_code: pension_insured}
  column: value
  from: 747000
  to: 74.8万
  reason: 报送单位已自行更正，本条应失效
  approved_by: 统计科
"""
RATE = "basic_pension_participation_rate"


@pytest.fixture(scope="module")
def night(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("revised")
    shutil.copytree(PROJECT / "expectations", folder / "expectations")
    (folder / Path(FILE)).write_text(RECORDS, encoding="utf-8")
    # the release that ships had the same suites; only the folder is another
    installation = dataclasses.replace(released.copied_to(folder), expectations=folder / "expectations")
    shutil.copyfile(installation.raw / RETURNS, installation.raw / SECOND)
    installation.replace(SECOND, "pension_insured,747000,", "pension_insured,750000,")
    with (installation.raw / SECOND).open("a", encoding="utf-8") as lines:
        lines.write("500113,urban_dependents,约12,人,民政局\n")
    return installation.released_again()


def test_every_changed_value_names_the_file_that_changed_it(night: Installation) -> None:
    revised = night.rows(
        "select indicator_key, variant, region_code, period, old, new, delivery from ops.revision order by period"
    )
    # 参保人数 of 820,000 and of 822,000 who should be insured
    assert revised == [
        (RATE, "default", "500113", "2020", 738000 / 8200, 739000 / 8200, FILE),
        (RATE, "default", "500113", "2021", 747000 / 8220, 750000 / 8220, SECOND),
    ]


def test_a_correction_is_told_cell_by_cell(night: Installation) -> None:
    assert night.rows('select path, row_number, "column", old, new, reason, approved_by from ops.correction') == [
        (EARLIER, 3, "value", "738000", "73.9万", "区人社局更正函", "统计科")
    ]


def test_a_correction_ends_when_the_supplier_mends_the_figure(night: Installation) -> None:
    [(path, row, detail)] = night.rows(
        "select path, row_number, detail from ops.finding where finding like 'correction%'"
    )
    assert (path, row) == (SECOND, 3) and "现为 750000，不是 from 所写的 747000" in detail


def test_the_answer_to_a_refused_row_lies_beside_the_quarantine(night: Installation) -> None:
    refused = night.rows("select path, row_number from ops.quarantine")
    [answer] = sorted((night.var / "quarantine").rglob("*.answer.txt"))
    assert [path for path, _ in refused] == [SECOND]
    assert answer.name == "500113_r2.csv.answer.txt" and answer.with_suffix(".xlsx").exists()
    told = answer.read_text(encoding="utf-8")
    assert f"第 {refused[0][1]} 行" in told and "500113_r3" in told
