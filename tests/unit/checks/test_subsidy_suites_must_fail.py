"""Suites of fund shares, county budgets and fee caps: silent on good figures and on empty marts, loud on each fault."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.checks import CheckOutcome
from pipelines.checks.suite import load_suites

TABLES = """
create schema reference; create schema marts; create schema ops;

create table reference.subsidy_programme as select * from (values
    ('S55', 'fund_rule', '511700', 55.000000::decimal(18, 6), date '2022-01-01', 'fund', 'T1'),
    ('B20', 'fund_rule', '511700', 20.000000, date '2022-01-01', 'budget', 'T2'),
    ('P80', 'price_rule', '511700', 80.000000, date '2022-01-01', 'fee', 'T3'),
    ('P70', 'price_rule', '511700', 70.000000, null, 'fee_last', 'T4'),
    ('PAID', 'subsidy', '511700', 50.000000, date '2022-01-01', null, 'T5')
) as t (programme_code, kind, scope_region, unit_amount, valid_from, indicator_key, target_ids);
alter table reference.subsidy_programme add column variant text default 'default';
alter table reference.subsidy_programme add column valid_to date;

create table reference.indicator_definition as select *, 'default' as variant from (values
    ('fund', 'ratio', null), ('budget', 'threshold_share', 20.0), ('fee', 'threshold_share', 80.0),
    ('fee_last', 'threshold_share', 70.0)
) as t (indicator_key, kind, threshold_value);
create table reference.document_row as select * from (values ('T2', null), ('T9', '511702'))
    as t (target_id, unit_exclude);
create table reference.region_ancestor as select '2022' as period, * from (values
    ('511700', '511700'), ('511702', '511700'), ('511702', '511702'), ('511771', '511700')
) as t (region_code, ancestor_code);

create table marts.indicator_value as
    select
        *, '2022' as period, 'default' as variant, 'A' as obs_status
    from (values
        ('511700', 'fund', 110.0, 200.0, 55.0, null), ('511702', 'fund', 54.0, 100.0, 54.0, null),
        ('511700', 'budget', 1.0, 2.0, 50.0, 19.99), ('511700', 'fee', 1.0, 2.0, 50.0, 80.5),
        ('511700', 'fee_last', 0.0, 2.0, 0.0, 80.5)
    ) as t (region_code, indicator_key, numerator, denominator, value, extreme);
-- a zone within its host's figures: a cell of the indicator, and no money of its own
insert into marts.indicator_value values ('511771', 'fund', null, null, null, null, '2022', 'default', 'L');

create table marts.fund_share as
    select
        'S55' as programme_code, region_code, government_level, '2022' as period, purpose, 'fund' as indicator_key,
        'default' as variant, is_counted, amount::decimal(18, 2) as amount_yuan,
        whole::decimal(18, 2) as denominator_yuan, amount * 100 / whole as share_percent, '>=' as limit_operator,
        55.0000::decimal(12, 4) as limit_percent, is_met,
        shortfall::decimal(18, 2) as shortfall_yuan, null::decimal(18, 2) as partial_amount_yuan, 1 as coverage_n,
        1 as coverage_m, 'A' as obs_status, null::varchar as note
    from (values
        ('511700', '_T', '_T', null, 110.0, 200.0, true, 0),
        ('511700', '_T', 'home', true, 110.0, 200.0, null, null),
        ('511700', '_T', 'other', false, 90.0, 200.0, null, null),
        ('511700', 'prefecture', '_T', null, 56.0, 100.0, true, 0),
        ('511700', 'prefecture', 'home', true, 56.0, 100.0, null, null),
        ('511700', 'county', '_T', null, 54.0, 100.0, false, 1),
        ('511700', 'county', 'home', true, 54.0, 100.0, null, null),
        ('511702', '_T', '_T', null, 54.0, 100.0, false, 1),
        ('511702', '_T', 'home', true, 54.0, 100.0, null, null),
        ('511702', 'county', '_T', null, 54.0, 100.0, false, 1),
        ('511702', 'county', 'home', true, 54.0, 100.0, null, null)
    ) as t (region_code, government_level, purpose, is_counted, amount, whole, is_met, shortfall);

create table marts.county_budget as
    select
        'B20' as programme_code, *, '2022' as period, 'budget' as indicator_key, 'default' as variant,
        '>=' as limit_operator, case when purpose = '_T' then 20.00::decimal(18, 2) end as minimum_yuan
    from (values
        ('511702', '_T', 20.00::decimal(18, 2), true, 0.00::decimal(18, 2), 'A', null),
        ('511702', 'home', 20.00, null, null, 'A', null),
        ('511703', '_T', 19.99, false, 0.01, 'A', null),
        ('511703', 'home', 19.99, null, null, 'A', null),
        ('511722', '_T', null, null, null, 'L', '未报送')
    ) as t (region_code, purpose, budget_yuan, is_met, shortfall_yuan, obs_status, note);

create table marts.price_cap as
    select
        programme_code, facility_id, '511702' as region_code, '通川区' as region_name, '2022' as period, residents,
        conf_status, fee::decimal(18, 2) as monthly_fee_yuan, fee / 10 as ratio_percent, limit_percent,
        limit_percent::decimal(18, 2) * 10 as cap_yuan, is_met, excess::decimal(18, 2) as excess_yuan, is_breach,
        case programme_code when 'P80' then 'fee' else 'fee_last' end as indicator_key, 'default' as variant, note
    from (values
        ('P80', '甲', 4, 'C', 720.0, 80.0, true, 0.0, false, null),
        ('P80', '乙', 40, 'F', 805.0, 80.0, false, 5.0, true, null),
        ('P80', '丙', null, 'F', null, 80.0, null, null, false, '未填月收费'),
        ('P70', '甲', 4, 'C', 720.0, 70.0, false, 20.0, false, null),
        ('P70', '乙', 40, 'F', 805.0, 70.0, false, 105.0, false, null)
    ) as t (programme_code, facility_id, residents, conf_status, fee, limit_percent, is_met, excess, is_breach, note);
"""
SHARE = "update marts.fund_share set {} where region_code = '511702' and government_level = '_T' and purpose = '_T'"
SPENT = "update marts.fund_share set {} where region_code = '511702' and government_level = '_T' and purpose = 'home'"
BUDGET = "update marts.county_budget set {} where region_code = '511703' and purpose = '_T'"
FEE = "update marts.price_cap set {} where programme_code = 'P80' and facility_id = '乙'"
REPEAT = "insert into {0} select * from {0} limit 1"

FAULTS: dict[str, dict[str, str]] = {
    "fund_share": {
        "key_unique": REPEAT.format("marts.fund_share"),
        "level_in_code_list": SHARE.format("government_level = 'town'"),
        "share_within_0_100": SHARE.format("share_percent = 100.5"),
        "gap_is_explained": SHARE.format("share_percent = null"),
        "coverage_within_expected": SHARE.format("coverage_n = 2"),
        "met_follows_amounts": SHARE.format("is_met = true, shortfall_yuan = 0"),
        "shortfall_just_suffices": SHARE.format("shortfall_yuan = 1.01"),
        "purposes_sum_to_total": SPENT.format("amount_yuan = 53.99"),
        "levels_sum_to_total": SHARE.format("denominator_yuan = 100.01"),
        "total_equals_indicator": "delete from marts.fund_share where region_code = '511702'",
    },
    "county_budget": {
        "key_unique": REPEAT.format("marts.county_budget"),
        "unreported_is_not_zero": "update marts.county_budget set budget_yuan = 0 where obs_status = 'L'",
        "met_follows_budget": BUDGET.format("is_met = true"),
        "shortfall_fills_gap": BUDGET.format("shortfall_yuan = 0.02"),
        "purposes_sum_to_total": BUDGET.format("budget_yuan = 20"),
        "counties_equal_indicator": "delete from marts.county_budget where region_code = '511703'",
    },
    "price_cap": {
        "key_unique": REPEAT.format("marts.price_cap"),
        "region_named": FEE.format("region_name = null"),
        "unassessed_has_reason": "update marts.price_cap set note = null where facility_id = '丙'",
        "met_follows_cap": FEE.format("is_met = true"),
        "excess_is_fee_less_cap": FEE.format("excess_yuan = 5.01"),
        "breach_of_rules_in_force": "update marts.price_cap set is_breach = true where programme_code = 'P70'",
        "small_counts_marked": FEE.format("residents = 1"),
        "homes_equal_indicator": FEE.format("ratio_percent = 80.6"),
    },
}
SEVERITY = {
    (suite.name, item.name): item.severity
    for suite in load_suites()
    if suite.name in FAULTS
    for batch in suite.batches
    for item in batch.expectations
}


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("good_subsidies") / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(TABLES)
    return database


@pytest.mark.parametrize("suite", FAULTS)
def test_good_figures_pass(check: Callable[..., CheckOutcome], suite: str) -> None:
    outcome = check(suite)
    assert [str(result) for result in outcome.failures] == []
    assert {result.check for result in outcome.results} == set(FAULTS[suite])


@pytest.mark.parametrize("suite", FAULTS)
def test_nothing_delivered_passes(check: Callable[..., CheckOutcome], suite: str) -> None:
    outcome = check(suite, f"delete from marts.{suite}; delete from marts.indicator_value")
    assert [str(result) for result in outcome.failures] == []
    assert {result.check for result in outcome.results} == set(FAULTS[suite])


@pytest.mark.parametrize(("suite", "name"), [(suite, name) for suite, faults in FAULTS.items() for name in faults])
def test_planted_fault_is_named(check: Callable[..., CheckOutcome], suite: str, name: str) -> None:
    outcome = check(suite, FAULTS[suite][name], only=name)
    found = {result.check: result for result in outcome.failures}
    assert name in found, sorted(found)
    assert not found[name].error
    assert found[name].unexpected_count > 0
    assert outcome.passed == (SEVERITY[suite, name] == "warning")


@pytest.mark.parametrize(
    ("column", "value"),
    [("share_percent", "54.1"), ("amount_yuan", "54.01"), ("denominator_yuan", "100.01"), ("obs_status", "'O'")],
)
def test_each_part_of_the_total_is_held_against_the_indicator(
    check: Callable[..., CheckOutcome], column: str, value: str
) -> None:
    outcome = check("fund_share", SHARE.format(f"{column} = {value}"), only="total_equals_indicator")
    assert [result.check for result in outcome.failures] == ["total_equals_indicator"]


@pytest.mark.parametrize(
    ("fault", "passes"),
    [
        # another count of homes is a fault, unless the one in question lies on the limit itself
        ("update marts.indicator_value set numerator = 2 where indicator_key = 'fee'", False),
        ("update marts.indicator_value set denominator = 3 where indicator_key = 'fee'", False),
        (
            "update marts.price_cap set ratio_percent = 80 where programme_code = 'P80' and facility_id = '甲';"
            "update marts.indicator_value set numerator = 0 where indicator_key = 'fee'",
            True,
        ),
    ],
)
def test_homes_on_the_limit_may_be_counted_either_way(
    check: Callable[..., CheckOutcome], fault: str, passes: bool
) -> None:
    assert check("price_cap", fault, only="homes_equal_indicator").passed is passes
