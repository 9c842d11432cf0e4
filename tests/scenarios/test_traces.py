"""Every figure that a scenario expects is followed back to the rows that the scenario delivered, and adds up."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.publication.evidence.opened import Evidence
from pipelines.publication.evidence.trace import trace
from tests.scenarios.together import SCENARIOS
from tests.shipped import Warehouse

EXPECTED = [path for folder in SCENARIOS for path in sorted(folder.glob("marts.indicator_value.csv"))]


@pytest.fixture(scope="module")
def evidence(together: Warehouse) -> Iterator[Evidence]:
    with Evidence.open(together.settings) as opened:
        yield opened


@pytest.mark.parametrize("path", EXPECTED, ids=[path.parent.name for path in EXPECTED])
def test_rows_add_up_to_what_the_scenario_expects(evidence: Evidence, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as lines:
        expected = list(csv.DictReader(lines))
    for row in expected:
        traced = trace(evidence, row["indicator_key"], row["region_code"], row["period"], row["variant"])
        for check in traced["checks"]:
            released = row.get(check["what"], "")
            assert check["same"] is (True if released else None), (row, check)
            if released:
                assert check["from_rows"] == pytest.approx(float(released), abs=1e-6)


def test_a_county_that_says_not_applicable_stays_out_of_both_sides(evidence: Evidence) -> None:
    """511702 80 of 100, five counties 60 of 100 each, 511703 不适用 of 100 (lines 4 and 5)."""
    traced = trace(evidence, "basic_pension_participation_rate", "511700", "2022")
    assert [part["total"] for part in traced["parts"]] == [380, 600]
    numerator, denominator = (part["files"][0]["excluded"] for part in traced["parts"])
    assert numerator == [{"reason": "填“不适用”", "rows": 1, "row_numbers": [4]}]
    assert denominator == [{"reason": "所在地区对分子或分母填了“不适用”，两边都不计", "rows": 1, "row_numbers": [5]}]


def test_a_file_whose_rows_were_all_replaced_is_listed_with_nothing_that_counts(evidence: Evidence) -> None:
    traced = trace(evidence, "nursing_bed_share", "511700", "2023")
    files = {file["path"]: file for file in traced["parts"][0]["files"]}
    replaced = files["elderly_facilities/2023-12/511700.csv"]
    assert replaced["superseded"] > 0
    assert replaced["included"]["rows"] == 0
    assert files["elderly_facilities/2023-12/511702.csv"]["included"]["quantity"] == 20


def test_a_person_whom_two_suppliers_list_is_counted_once_above_them(evidence: Evidence) -> None:
    """Four persons on five lines."""
    told = trace(evidence, "disabled_tekun_centralised_care_rate", "511700", "2021")["parts"][1]
    assert (told["rows_included"], told["total"]) == (5, 4)
