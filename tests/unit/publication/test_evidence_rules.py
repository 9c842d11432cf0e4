"""The questions that measures ask of a row, and the words for a row that fails one: read from the real models."""

from functools import cache

import pytest

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import facts_of
from pipelines.dictionary.models import Models
from pipelines.dictionary.registry import Registry
from pipelines.publication.evidence.rules import Rules
from pipelines.settings import PROJECT

#: what staging adds to the delivered columns
MADE = {
    "stg_elderly_facilities": {"as_of", "in_service", "institution_type", "is_institution", "counts_as_service_bed"}
    | {"town_kind"},
    "stg_childcare_facilities": {"as_of", "in_service", "is_institution", "community_type", "town_kind"},
    "stg_assistance_roster": {"as_of", "age", "on_roster", "household_key"},
    "stg_care_contacts": {"month"},
    "stg_agency_returns": {"is_not_applicable"},
    "stg_fund_ledger": {"is_eldercare"},
    "stg_population": {"is_reference"},
    "stg_construction_projects": {"is_done", "year_start", "year_end"},
    "stg_residential_projects": {"sync_all", "required_eldercare_area", "population_est", "year_start", "year_end"},
    "stg_task_ledger": {"is_done"},
}


@cache
def rules() -> Rules:
    columns = {
        f"stg_{source}": frozenset({"period", "region_code", *facts_of(contract), *MADE.get(f"stg_{source}", ())})
        for source, contract in CONTRACTS.items()
    }
    # of persons staging keeps no dates
    columns["stg_assistance_roster"] -= {"joined_on", "left_on", "birth_date"}
    columns["region_year"] = columns["stg_regions"]
    return Rules(
        Models(PROJECT / "dbt_project"), Registry(PROJECT / "dbt_project"), CONTRACTS, columns
    )  # fmt: skip


def told(measure_key: str) -> list[tuple[str, str, str]]:
    return [(c.holds, c.words, c.blank) for c in rules().conditions if c.measure_key == measure_key]


def test_what_staging_decides_is_taken_apart_to_the_delivered_cells():
    assert told("inst_nursing_beds") == [
        ("status = 'operating'", "运营状态 = {}", "运营状态空白"),
        (
            "opened_on IS NULL OR opened_on <= as_of",
            "不符合 投入运营日期 空白 或 投入运营日期 ≤ 月末",
            "投入运营日期空白",
        ),
        ("closed_on IS NULL OR closed_on > as_of", "不符合 关停日期 空白 或 关停日期 > 月末", "关停日期空白"),
        ("institution_type", "机构类型 = {}", "机构类型者空白"),
        ("beds >= 10", "不符合 床位数 ≥ 10", "床位数空白"),
        ("(nursing_beds) is not null", "护理型床位数空白", "护理型床位数空白"),
    ]


def test_a_question_that_staging_no_longer_answers_is_asked_through_its_decision_and_last():
    assert told("childcare_inst_private")[-2:] == [
        ("ownership = 'private'", "机构性质 = {}", "机构性质空白"),
        ("is_institution", "机构类型 = {}", "是否计为机构空白"),
    ]


def test_a_decision_over_one_cell_tells_of_the_cell():
    assert ("purpose IN ('elder_construction', 'elder_operation', 'elder_purchase', 'elder_training', 'elder_other')",
            "用途 = {}", "用途空白") in told("budget_eldercare")  # fmt: skip


@pytest.mark.parametrize("source", ["assistance_roster", "care_contacts"])
def test_of_persons_no_value_is_shown(source):
    personal = {rule.measure_key for rule in rules().rules if rule.is_personal and rule.source == source}
    assert personal
    assert {c.shown for c in rules().conditions if c.measure_key in personal} == {""}
    assert all("{}" not in c.words for c in rules().conditions if c.measure_key in personal)


def test_not_applicable_and_blank_are_told_apart():
    assert [words for _, words, _ in told("ar_pension_insured")] == ["填“不适用”", "数值空白"]


def test_every_registered_measure_has_a_rule_with_words():
    registered = {row["measure_key"] for row in Registry(PROJECT / "dbt_project").rows("measures")}
    ruled = {rule.measure_key for rule in rules().rules}
    assert registered <= ruled
    assert all(condition.words and condition.blank for condition in rules().conditions)


def test_every_milestone_reads_its_own_rows():
    milestones = [rule for rule in rules().rules if rule.source == "task_ledger"]
    assert len(milestones) >= 15
    assert {rule.region_rule for rule in milestones} == {"own"}


def test_codes_are_told_as_suppliers_write_them():
    assert ("stg_elderly_facilities", "status", "suspended", "暂停") in rules().words
    assert ("stg_fund_ledger", "fund_source", "welfare_lottery", "福彩公益金") in rules().words
