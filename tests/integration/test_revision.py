"""A figure is revised by its supplier, set back by a correction, and revised again: who did it is told each time."""

import dataclasses
import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.settings import PROJECT
from tests.integration.installation import RETURNS, Installation

SECOND, THIRD = (RETURNS.replace(".csv", f"_r{number}.csv") for number in (2, 3))
FILE = "expectations/agency_returns.corrections.yml"
RECORD = """
- match: {period: 2021, supplier: 500113, item_code: pension_insured}
  column: value
  from: 750000
  to: 74.7万
  reason: 区人社局更正函
  approved_by: 统计科
"""
RATE = "indicator_key = 'basic_pension_participation_rate' and region_code = '500113' and period = '2021'"


class Told(NamedTuple):
    """What one release says of the figure, of everything it revised, and of corrections."""

    rate: float
    revisions: list[tuple]
    corrections: list[tuple]
    findings: list[tuple]


def told(installation: Installation) -> Told:
    return Told(
        installation.rows(f"select value from marts.indicator_value where {RATE}")[0][0],
        installation.rows(
            "select indicator_key, variant, region_code, period, old, new, delivery from ops.revision order by all"
        ),
        installation.rows('select path, row_number, "column", old, new, reason, approved_by from ops.correction'),
        installation.rows("select path, row_number, detail from ops.finding where finding like 'correction%'"),
    )


@pytest.fixture(scope="module")
def nights(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> list[Told]:
    """Three nights: the second revision says 750,000; a correction sets it back; the third revision says 760,000."""
    folder = tmp_path_factory.mktemp("revised")
    shutil.copytree(PROJECT / "expectations", folder / "expectations")
    # the release that ships had the same suites; only the folder is another
    installation = dataclasses.replace(released.copied_to(folder), expectations=folder / "expectations")

    def deliver(name: str, figure: str) -> None:
        shutil.copyfile(installation.raw / RETURNS, installation.raw / name)
        installation.replace(name, "pension_insured,747000,", f"pension_insured,{figure},")

    nights = []
    deliver(SECOND, "750000")
    nights.append(told(installation.released_again()))
    (folder / Path(FILE)).write_text(RECORD, encoding="utf-8")
    nights.append(told(installation.released_again()))
    deliver(THIRD, "760000")
    nights.append(told(installation.released_again()))
    return nights


def revised(old: int, new: int, by: str) -> list[tuple]:
    """The one figure that 参保人数 enters, of 822,000 who should be insured."""
    values = (old / 8220, new / 8220)
    return [("basic_pension_participation_rate", "default", "500113", "2021", *values, by)]


def test_a_revision_is_named_for_exactly_what_it_changed(nights: list[Told]) -> None:
    assert nights[0] == (750000 / 8220, revised(747000, 750000, f"{SECOND}"), [], [])


def test_a_correction_is_named_and_told_cell_by_cell(nights: list[Told]) -> None:
    rate, revisions, corrections, findings = nights[1]
    assert (rate, findings) == (747000 / 8220, [])
    assert revisions == revised(750000, 747000, FILE)
    assert corrections == [(SECOND, 3, "value", "750000", "74.7万", "区人社局更正函", "统计科")]


def test_a_correction_ends_when_the_supplier_mends_the_figure(nights: list[Told]) -> None:
    rate, revisions, corrections, findings = nights[2]
    assert (rate, corrections) == (760000 / 8220, [])
    assert revisions == revised(747000, 760000, THIRD)
    ((path, row, detail),) = findings
    assert (path, row) == (THIRD, 3) and "现值为 760000，不是 750000" in detail
