"""The suite of the three ledgers: silent on good figures and on an empty mart, loud by its own name on each fault."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.checks import CheckOutcome
from pipelines.checks.suite import load_suites

TABLES = """
create schema reference; create schema marts; create schema ops;

create table reference.region_ancestor as select '2024' as period, * from (values
    ('511700', '511700'), ('511702', '511700'), ('511702', '511702'), ('511703', '511700'), ('511703', '511703')
) as t (region_code, ancestor_code);

create table marts.bed_ledger as
    select
        'eldercare_beds' as subject, unit_level, unit_code, unit_name, region_code, '2024' as period,
        registered::decimal(38, 6) as registered, subsidised::decimal(38, 6) as subsidised,
        returned::decimal(38, 6) as returned, largest_difference::decimal(38, 6) as largest_difference,
        rank::bigint as rank, finding, finding_name
    from (values
        ('facility', '甲', '甲院', '511702', 40, 50, null, 10, 2, 'subsidised_over_registered', '补贴多于登记'),
        ('facility', '乙', null, '511702', 0, 30, null, 30, 1, 'closed_but_subsidised', '已关停仍有补贴'),
        ('facility', '丙', '丙院', '511702', 60, 0, null, 0, null, 'consistent', '未见不符'),
        ('facility', '丁', '丁院', '511703', 20, null, null, null, null, 'not_comparable', '未报补贴台账'),
        ('county', '511702', '通川区', '511702', 100, 80, 90, 10, 1, 'returned_under_registered', '报表少于名册'),
        ('county', '511703', '达川区', '511703', 20, 0, 20, 0, null, 'consistent', '未见不符'),
        ('prefecture', '511700', '达州市', '511700', 120, 80, 110, 10, 1, 'returned_under_registered', '报表少于名册')
    ) as t (
        unit_level, unit_code, unit_name, region_code, registered, subsidised, returned, largest_difference, rank,
        finding, finding_name
    );
"""
HOME = "update marts.bed_ledger set {} where unit_code = '甲'"
COUNTY = "update marts.bed_ledger set {} where unit_code = '511702'"

FAULTS: dict[str, dict[str, str]] = {
    "bed_ledger": {
        "key_unique": "insert into marts.bed_ledger select * from marts.bed_ledger limit 1",
        "period_form": HOME.format("period = '2024-12'"),
        "subject_in_code_list": HOME.format("subject = 'beds'"),
        "level_in_code_list": HOME.format("unit_level = 'town'"),
        "finding_in_code_list": HOME.format("finding = 'overpaid'"),
        "finding_present": HOME.format("finding = null"),
        "finding_follows_difference": HOME.format("finding = 'consistent'"),
        "finding_told": HOME.format("finding_name = ' '"),
        "difference_follows_figures": HOME.format("registered = 39"),
        "rank_follows_difference": HOME.format("rank = 1"),
        "facility_returns_nothing": HOME.format("returned = 40"),
        "registered_not_negative": HOME.format("registered = -1"),
        "returned_not_negative": COUNTY.format("returned = -1"),
        "subsidised_not_negative": HOME.format("subsidised = -1"),
        "region_named": COUNTY.format("unit_name = null"),
        "registered_adds_up": COUNTY.format("registered = 101"),
        "subsidised_adds_up": HOME.format("subsidised = 51"),
        "parent_is_sum_of_counties": COUNTY.format("subsidised = 81"),
    }
}
SEVERITY = {
    item.name: item.severity
    for suite in load_suites()
    if suite.name in FAULTS
    for batch in suite.batches
    for item in batch.expectations
}


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("good_ledgers") / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(TABLES)
    return database


def test_good_figures_pass(check: Callable[..., CheckOutcome]) -> None:
    outcome = check("bed_ledger")
    assert [str(result) for result in outcome.failures] == []
    assert {result.check for result in outcome.results} == set(FAULTS["bed_ledger"])


def test_nothing_delivered_passes(check: Callable[..., CheckOutcome]) -> None:
    outcome = check("bed_ledger", "delete from marts.bed_ledger")
    assert [str(result) for result in outcome.failures] == []
    assert {result.check for result in outcome.results} == set(FAULTS["bed_ledger"])


@pytest.mark.parametrize("name", FAULTS["bed_ledger"])
def test_planted_fault_is_named(check: Callable[..., CheckOutcome], name: str) -> None:
    outcome = check("bed_ledger", FAULTS["bed_ledger"][name], only=name)
    found = {result.check: result for result in outcome.failures}
    assert name in found, sorted(found)
    assert not found[name].error
    assert found[name].unexpected_count > 0
    assert found[name].severity == SEVERITY[name]


def test_a_missing_ledger_taken_for_zero_is_seen(check: Callable[..., CheckOutcome]) -> None:
    fault = "update marts.bed_ledger set largest_difference = 0, finding = 'consistent' where unit_code = '丁'"
    outcome = check("bed_ledger", fault, only="difference_follows_figures")
    assert [result.check for result in outcome.failures] == ["difference_follows_figures"]
    assert not outcome.passed
