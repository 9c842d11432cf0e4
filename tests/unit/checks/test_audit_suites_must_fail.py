"""Suites of due, paid, audit, evidence and beneficiaries: silent on good figures and without any, loud on each fault."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.checks import CheckOutcome

TABLES = """
create schema reference; create schema marts; create schema ops;

create table reference.subsidy_programme as select *, null::date as valid_to from (values
    ('MONTH', 'subsidy', 'monthly', '500113', 50.000000::decimal(18, 6), date '2025-01-15'),
    ('ONCE', 'subsidy', 'one_off', '500000', 1000.000000, date '2021-12-30'),
    ('YEAR', 'subsidy', 'annual', '500000', 600.000000, date '2021-12-30'),
    ('PERSON', 'subsidy', 'monthly', '500000', null, null),
    ('RULE', 'fund_rule', 'annual', '500000', 55.000000, date '2022-01-01')
) as t (programme_code, kind, frequency, scope_region, unit_amount, valid_from);
-- 500112 was another prefecture's at first
create table reference.region_ancestor as select * from (values
    ('2020', '500112', '500112'), ('2020', '500112', '990000'), ('2020', '990000', '990000'),
    ('2025', '500112', '500112'), ('2025', '500112', '500000'), ('2025', '500000', '500000'),
    ('2025', '500113', '500113'), ('2025', '500113', '500000')
) as t (period, region_code, ancestor_code);

create table marts.subsidy_entitlement as
    select
        * replace (base_quantity::decimal(38, 6) as base_quantity, due_amount_yuan::decimal(18, 2) as due_amount_yuan),
        'elderly_facilities/2025-01/500113.csv' as register_path, row_number() over () as register_row
    from (values
        ('MONTH', '甲', '500113', '2025-01', 400.0, 50.000000::decimal(18, 6), 20000.00, '2025-01', null, null),
        ('MONTH', '甲', '500113', '2025-02', 400.0, 50.0, 20000.00, '2025-02', null, null),
        ('MONTH', '甲', '500113', '2025-03', 400.0, 50.0, 20000.00, '2025-03', null, null),
        ('MONTH', '乙', '500113', '2025-01', 20.0, 50.0, 0.00, '2025-01', 'occupancy_half', 'is_private'),
        ('MONTH', '丙', '500113', '2025-01', 20.0, 50.0, null, '2025-01', null, 'occupancy_half'),
        -- true though unusual: nothing to count, less than a cent, nothing known
        ('MONTH', '丁', '500113', '2025-01', 0.0, 50.0, 0.00, '2025-01', null, null),
        ('MONTH', '戊', '500113', '2025-01', 0.000099, 50.0, 0.00, '2025-01', null, null),
        ('MONTH', '己', '500113', '2025-01', null, 50.0, null, '2025-01', null, null),
        ('MONTH', '庚', '500113', '2025-01', 0.000100, 50.0, 0.01, '2025-01', null, null),
        ('ONCE', '甲', '500113', 'once', 40.0, 1000.0, 40000.00, '2025-01', null, null),
        ('YEAR', '甲', '500113', '2025', 2.0, 600.0, 1200.00, '2025-12', null, null)
    ) as t (
        programme_code, facility_id, region_code, period, base_quantity, unit_amount_yuan, due_amount_yuan, due_month,
        unmet_conditions, unknown_conditions
    );

create table marts.subsidy_payment as
    select
        * replace (
            gross_paid_yuan::decimal(18, 2) as gross_paid_yuan, returned_yuan::decimal(18, 2) as returned_yuan,
            repeated_yuan::decimal(18, 2) as repeated_yuan
        ),
        (gross_paid_yuan - returned_yuan - repeated_yuan)::decimal(18, 2) as paid_amount_yuan
    from (values
        ('MONTH', '甲', '500113', '2025-01', 20000.00, 0.00, 0.00, 1, 0, 0, 'F'),
        ('MONTH', '甲', '500113', '2025-03', 21000.00, 0.00, 1000.00, 2, 0, 1, 'F'),
        ('MONTH', '乙', '500113', '2025-01', 600.00, 0.00, 0.00, 1, 0, 0, 'F'),
        ('MONTH', '丁', '500113', '2025-01', 0.00, 0.00, 0.00, 1, 0, 0, 'F'),
        ('ONCE', '甲', '500113', 'once', 40000.00, 1000.00, 0.00, 2, 0, 0, 'F'),
        -- three persons whose month is not told; six, one of them paid twice and one paid back
        ('PERSON', '_Z', '500113', 'unknown', 150.00, 0.00, 0.00, 3, 3, 0, 'C'),
        ('PERSON', '_Z', '500112', '2025-01', 350.00, 50.00, 0.00, 8, 8, 0, 'F'),
        ('PERSON', '_Z', '500112', '2025-02', 200.00, 0.00, 0.00, 4, 4, 0, 'C')
    ) as t (
        programme_code, facility_id, region_code, period, gross_paid_yuan, returned_yuan, repeated_yuan, entries,
        person_entries, repeated_entries, conf_status
    );

create table marts.subsidy_audit as
    select
        * exclude (due, paid, stake), due::decimal(18, 2) as due_amount_yuan, paid::decimal(18, 2) as paid_amount_yuan,
        (paid - due)::decimal(18, 2) as difference_yuan, stake::decimal(18, 2) as amount_at_stake_yuan,
        nullif(finding, 'consistent') as all_findings, '名' as region_name, '因为' as reason
    from (values
        (1, 'ONCE', '甲', '500113', 'once', 40000.00, 39000.00, 'returned', 1000.00, 'F'),
        (2, 'MONTH', '甲', '500113', '2025-03', 20000.00, 20000.00, 'paid_twice', 1000.00, 'F'),
        (3, 'MONTH', '乙', '500113', '2025-01', 0.00, 600.00, 'paid_without_entitlement', 600.00, 'F'),
        (4, 'MONTH', '庚', '500113', '2025-01', 0.01, 0.00, 'underpaid', 0.01, 'F'),
        (5, 'MONTH', '甲', '500113', '2025-02', 20000.00, null, 'not_assessable', 20000.00, 'F'),
        (6, 'YEAR', '甲', '500113', '2025', 1200.00, null, 'not_assessable', 1200.00, 'F'),
        (7, 'PERSON', '_Z', '500112', '2025-01', null, 300.00, 'not_assessable', 300.00, 'F'),
        (8, 'PERSON', '_Z', '500112', '2025-02', null, 200.00, 'not_assessable', 200.00, 'C'),
        (9, 'PERSON', '_Z', '500113', 'unknown', null, 150.00, 'not_assessable', 150.00, 'C'),
        (10, 'MONTH', '丙', '500113', '2025-01', null, 0.00, 'not_assessable', 0.00, 'F'),
        (11, 'MONTH', '己', '500113', '2025-01', null, 0.00, 'not_assessable', 0.00, 'F'),
        (12, 'MONTH', '丁', '500113', '2025-01', 0.00, 0.00, 'consistent', 0.00, 'F'),
        (13, 'MONTH', '戊', '500113', '2025-01', 0.00, 0.00, 'consistent', 0.00, 'F'),
        (14, 'MONTH', '甲', '500113', '2025-01', 20000.00, 20000.00, 'consistent', 0.00, 'F')
    ) as t (rank, programme_code, facility_id, region_code, period, due, paid, finding, stake, conf_status);

create table marts.subsidy_evidence as
    select *, 'raw.csv' as delivery_path
    from (values
        ('ONCE', '甲', '500113', 'once', 'register', 10, null, 1, null),
        ('ONCE', '甲', '500113', 'once', 'ledger', 2, 'p1', 1, 40000.00::decimal(18, 2)),
        ('ONCE', '甲', '500113', 'once', 'ledger', 3, 'p2', 1, -1000.00),
        ('MONTH', '甲', '500113', '2025-03', 'ledger', 4, 'p3', 1, 20000.00),
        ('MONTH', '甲', '500113', '2025-03', 'ledger', 2, 'p3', 1, 0.00),
        ('MONTH', '乙', '500113', '2025-01', 'ledger', 5, 'p4', 1, 600.00),
        ('MONTH', '庚', '500113', '2025-01', 'register', 9, null, 1, null),
        ('YEAR', '甲', '500113', '2025', 'register', 11, null, 1, null),
        ('MONTH', '甲', '500113', '2025-02', 'register', 2, null, 1, null),
        ('PERSON', '_Z', '500112', '2025-01', 'ledger', null, null, 7, 350.00),
        ('PERSON', '_Z', '500112', '2025-01', 'ledger', null, null, 1, -50.00),
        ('PERSON', '_Z', '500112', '2025-02', 'ledger', null, null, 4, 200.00),
        ('PERSON', '_Z', '500113', 'unknown', 'ledger', null, null, 3, 150.00),
        ('MONTH', '丙', '500113', '2025-01', 'register', 5, null, 1, null),
        ('MONTH', '己', '500113', '2025-01', 'register', 8, null, 1, null)
    ) as t (
        programme_code, facility_id, region_code, period, evidence, row_number, payment_id, entries, counted_yuan
    );

-- one person is paid in both counties, two in both months
create table marts.beneficiary as
    select 'PERSON' as programme_code, *, '名' as region_name, case when persons < 5 then 'C' else 'F' end as conf_status
    from (values
        ('500113', 'county', '2025-01', 3, 3), ('500113', 'county', '2025', 3, 3),
        ('500112', 'county', '2025-01', 5, 6), ('500112', 'county', '2025-02', 4, 4),
        ('500112', 'county', '2025', 7, 10),
        ('500000', 'province', '2025-01', 7, 9), ('500000', 'province', '2025-02', 4, 4),
        ('500000', 'province', '2025', 9, 13)
    ) as t (region_code, region_level, period, persons, payments);

create table ops.delivery as select *, '2025-03' as period, 'landed' as state from (values
    ('subsidy_ledger', 'ledger.csv'), ('deaths', 'deaths.csv')
) as t (source, path);
create table ops.reconciliation as select * from (values ('ledger.csv', 22), ('deaths.csv', 7)) as t (path, landed);
"""
MARTS = ("subsidy_entitlement", "subsidy_payment", "subsidy_audit", "subsidy_evidence", "beneficiary")
DUE = "update marts.subsidy_entitlement set {} where facility_id = '甲' and period = '2025-01'"
NOT_DUE = "update marts.subsidy_entitlement set {} where facility_id = '丁'"
PAID = "update marts.subsidy_payment set {} where facility_id = '甲' and period = '2025-01'"
PERSONS = "update marts.subsidy_payment set {} where region_code = '500112' and period = '2025-01'"
FOUND = "update marts.subsidy_audit set {} where rank = {}"
ROW = "update marts.subsidy_evidence set {} where {}"
COUNTED = "update marts.beneficiary set {} where region_code = '{}' and period = '{}'"
REPEAT = "insert into {0} select * from {0} limit 1"
NOTHING = "; ".join(f"delete from {table}" for table in (*(f"marts.{mart}" for mart in MARTS), "ops.delivery"))
#: true though odd: told, and no reason to keep figures back
WARNINGS = {
    "paid_not_negative", "finding_is_explained", "region_named", "little_in_dispute", "persons_within_payments",
}  # fmt: skip


#: suite → expectation → its fault, and what else must then be found
FAULTS: dict[str, dict[str, tuple[str, ...]]] = {
    "subsidy_entitlement": {
        "key_unique": (
            "insert into marts.subsidy_entitlement by name select * replace ('500000' as region_code) "
            "from marts.subsidy_entitlement where programme_code = 'ONCE'",
        ),
        "programme_as_registered": (NOT_DUE.format("unit_amount_yuan = 55"),),
        "period_fits_frequency": (DUE.format("period = 'once'"),),
        "month_within_validity": (DUE.format("period = '2024-12', due_month = '2024-12'"),),
        "region_in_scope": (DUE.format("region_code = '500112'"),),
        "due_not_negative": (NOT_DUE.format("due_amount_yuan = -0.01"),),
        "due_by_the_rule": (DUE.format("due_amount_yuan = 20000.01"),),
        "zero_is_explained": (DUE.format("due_amount_yuan = 0"),),
        "gap_is_explained": (DUE.format("due_amount_yuan = null"),),
        "due_only_when_met": (DUE.format("unknown_conditions = 'is_private'"),),
        "register_file_named": (DUE.format("register_path = null"),),
        "register_row_named": (DUE.format("register_row = null"),),
    },
    "subsidy_payment": {
        "key_unique": (REPEAT.format("marts.subsidy_payment"), "every_landed_row_counted"),
        "period_form": (PAID.format("period = '2025-13'"),),
        "period_fits_frequency": (PAID.format("period = 'once'"),),
        "paid_is_composed": (PAID.format("paid_amount_yuan = 20000.01"),),
        "paid_not_negative": (PAID.format("returned_yuan = 20000.01, paid_amount_yuan = -0.01"),),
        "entries_within_entries": (PAID.format("repeated_entries = 2"),),
        "conf_status_in_code_list": (PERSONS.format("conf_status = 'N'"),),
        "small_counts_marked": ("update marts.subsidy_payment set conf_status = 'F' where period = 'unknown'",),
        "every_landed_row_counted": ("update ops.reconciliation set landed = 23 where path = 'ledger.csv'",),
    },
    "subsidy_audit": {
        "key_unique": ("update marts.subsidy_audit set facility_id = '丁' where rank = 13", "every_key_audited"),
        "finding_in_code_list": (FOUND.format("finding = 'unpaid', all_findings = 'unpaid'", 4),),
        "difference_is_paid_less_due": (
            FOUND.format("difference_yuan = 600.01, amount_at_stake_yuan = 600.01", 3),
            "differences_reconcile",
        ),
        "consistent_has_no_difference": (
            FOUND.format("finding = 'consistent', all_findings = null", 4),
            "rank_follows_stake",
        ),
        "finding_fits_difference": (FOUND.format("finding = 'overpaid', all_findings = 'overpaid'", 4),),
        "finding_is_the_first": (FOUND.format("all_findings = 'overpaid|returned'", 1),),
        "stake_is_difference": (FOUND.format("amount_at_stake_yuan = 0.02", 4),),
        "rank_consecutive": (FOUND.format("rank = 15", 14),),
        "rank_follows_stake": ("update marts.subsidy_audit set rank = 11 - rank where rank in (5, 6)",),
        "gap_is_explained": (FOUND.format("reason = null", 5),),
        "finding_is_explained": (FOUND.format("reason = null", 4),),
        "small_counts_marked": (FOUND.format("conf_status = 'F'", 9),),
        "region_named": (FOUND.format("region_name = null", 9),),
        "every_key_audited": (
            "delete from marts.subsidy_audit where rank = 13; update marts.subsidy_audit set rank = 13 where rank = 14",
        ),
        "every_payment_audited": (
            "update marts.subsidy_payment set paid_amount_yuan = 150.01 where period = 'unknown'",
            "differences_reconcile",
        ),
        "every_due_audited": (
            "update marts.subsidy_entitlement set due_amount_yuan = 1200.01 where period = '2025'",
            "differences_reconcile",
        ),
        "differences_reconcile": (
            FOUND.format("difference_yuan = -0.02, amount_at_stake_yuan = 0.02", 4),
            "difference_is_paid_less_due",
        ),
        "little_in_dispute": (FOUND.format("amount_at_stake_yuan = 7000", 2), "rank_follows_stake"),
    },
    "subsidy_evidence": {
        "finding_has_rows": ("delete from marts.subsidy_evidence where facility_id = '丙'",),
        "rows_have_finding": (
            "insert into marts.subsidy_evidence by name select * replace ('丁' as facility_id) "
            "from marts.subsidy_evidence where facility_id = '丙'",
        ),
        "rows_add_up": (ROW.format("counted_yuan = 599.99", "payment_id = 'p4'"),),
        "every_entry_shown": (ROW.format("entries = 6", "entries = 7"),),
        "persons_not_listed": (ROW.format("row_number = 6", "entries = 7"),),
        "evidence_in_code_list": (ROW.format("evidence = 'roster'", "facility_id = '丙'"),),
        "file_named": (ROW.format("delivery_path = null", "facility_id = '丙'"),),
        "register_row_named": (ROW.format("row_number = null", "facility_id = '丙'"),),
        "persons_have_no_payment_id": (ROW.format("payment_id = 'p5'", "entries = 7"),),
        "no_column_of_persons": ("alter table marts.beneficiary add column person_id text",),
    },
    "beneficiary": {
        "key_unique": ("insert into marts.beneficiary from marts.beneficiary where payments = 13",),
        "period_form": ("update marts.beneficiary set period = '2025-13' where period = '2025-02'",),
        "persons_positive": ("update marts.beneficiary set persons = 0, conf_status = 'F'",),
        "persons_within_payments": ("update marts.beneficiary set payments = 0",),
        "conf_status_in_code_list": (COUNTED.format("conf_status = 'N'", "500000", "2025"),),
        "small_counts_marked": (COUNTED.format("conf_status = 'F'", "500113", "2025"),),
        "region_named": (COUNTED.format("region_name = null", "500113", "2025"),),
        "year_not_below_a_month": (COUNTED.format("persons = 2", "500113", "2025"),),
        "year_within_person_months": (COUNTED.format("persons = 4", "500113", "2025"),),
        "year_payments_are_months": (
            "update marts.beneficiary set payments = payments + 1 where period = '2025' and region_code <> '500112'",
        ),
        "parent_not_below_a_part": (COUNTED.format("persons = 3", "500000", "2025-02"),),
        "parent_within_counties": (COUNTED.format("persons = 9", "500000", "2025-01"),),
        "parent_payments_are_counties": (
            "update marts.beneficiary set payments = payments - 1 where region_code = '500000' and period <> '2025-02'",
        ),
        "persons_within_entries": ("update marts.subsidy_payment set person_entries = 2 where period = 'unknown'",),
        "paid_persons_counted": (
            "insert into marts.subsidy_payment by name select * replace ('500114' as region_code) "
            "from marts.subsidy_payment where period = 'unknown'",
        ),
    },
}


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("good_audit") / "build.duckdb"
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
    outcome = check(suite, NOTHING)
    assert [str(result) for result in outcome.failures] == []
    assert {result.check for result in outcome.results} == set(FAULTS[suite])


@pytest.mark.parametrize(("suite", "name"), [(suite, name) for suite, faults in FAULTS.items() for name in faults])
def test_planted_fault_is_named(check: Callable[..., CheckOutcome], suite: str, name: str) -> None:
    """By this expectation, and by no other than those that the same fault must break."""
    fault, *others = FAULTS[suite][name]
    outcome = check(suite, fault)
    found = {result.check: result for result in outcome.failures}
    assert set(found) == {name, *others}, [str(result) for result in outcome.failures]
    assert not any(result.error for result in found.values())
    assert found[name].unexpected_count > 0
    assert found[name].severity == ("warning" if name in WARNINGS else "critical")


@pytest.mark.parametrize(
    ("suite", "name", "fault"),
    [
        # a quantity that nobody told is neither zero nor a ground for money
        ("subsidy_entitlement", "zero_is_explained", "update marts.subsidy_entitlement set due_amount_yuan = 0 "
         "where facility_id = '己'"),
        ("subsidy_entitlement", "due_by_the_rule", "update marts.subsidy_entitlement set due_amount_yuan = 50 "
         "where facility_id = '己'"),
        ("subsidy_entitlement", "region_in_scope", DUE.format("region_code = null")),
        ("subsidy_payment", "period_fits_frequency", PAID.format("programme_code = 'NEW'")),
        ("subsidy_payment", "small_counts_marked", PERSONS.format("conf_status = null")),
        ("subsidy_audit", "finding_fits_difference", FOUND.format("finding = null, all_findings = null", 4)),
        # a county that the audit leaves out altogether
        ("subsidy_audit", "every_payment_audited", "delete from marts.subsidy_audit where region_code = '500112'"),
        # nothing was due at all, and something was paid
        ("subsidy_audit", "little_in_dispute", FOUND.format("programme_code = 'RULE', region_code = '500112'", 3)),
        ("subsidy_evidence", "no_column_of_persons", "alter table marts.subsidy_audit add column person_key text"),
        ("beneficiary", "small_counts_marked", COUNTED.format("conf_status = null", "500000", "2025")),
        # a month without its year, a county without those above it
        ("beneficiary", "year_not_below_a_month", "delete from marts.beneficiary where period = '2025'"),
        ("beneficiary", "parent_not_below_a_part", "delete from marts.beneficiary where region_code = '500000'"),
    ],
)  # fmt: skip
def test_what_a_blank_would_hide_is_found(
    check: Callable[..., CheckOutcome], suite: str, name: str, fault: str
) -> None:
    outcome = check(suite, fault, only=name)
    assert name in {result.check for result in outcome.failures}
