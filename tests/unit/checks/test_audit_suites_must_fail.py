"""Suites of due, paid, audit and beneficiaries: silent on good figures and without any, loud on each fault."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.checks import CheckOutcome

TABLES = Path(__file__).with_name("audit_build.sql")
MARTS = ("subsidy_entitlement", "subsidy_payment", "subsidy_audit", "subsidy_evidence", "beneficiary")
DUE = "update marts.subsidy_entitlement set {} where facility_id = '甲' and period = '2025-01'"
NOT_DUE = "update marts.subsidy_entitlement set {} where facility_id = '丁'"
PAID = "update marts.subsidy_payment set {} where facility_id = '甲' and period = '2025-01'"
PERSONS = "update marts.subsidy_payment set {} where region_code = '500112' and period = '2025-01'"
FOUND = "update marts.subsidy_audit set {} where number = {}"
ROW = "update marts.subsidy_evidence set {} where {}"
ANOTHER_COUNTY_PAID = (
    "insert into marts.subsidy_payment by name select * replace ('500114' as region_code) "
    "from marts.subsidy_payment where period = 'unknown'"
)
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
        "key_unique": ("update marts.subsidy_audit set facility_id = '丁' where number = 13", "every_key_audited"),
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
        "rank_given": (
            FOUND.format("rank = null", 4)
            + "; update marts.subsidy_audit set rank = rank - 1 where rank > 2 and period = '2025-01'",
        ),
        "rank_consecutive": (FOUND.format("rank = 9", 14),),
        "rank_follows_stake": ("update marts.subsidy_audit set rank = 3 - rank where number in (3, 4)",),
        "gap_is_explained": (FOUND.format("reason = null", 5),),
        "finding_is_explained": (FOUND.format("reason = null", 4),),
        "small_counts_marked": (FOUND.format("conf_status = 'F'", 9),),
        "region_named": (FOUND.format("region_name = null", 9),),
        "every_key_audited": ("delete from marts.subsidy_audit where number = 13; " + FOUND.format("rank = 7", 14),),
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
        "little_in_dispute": (FOUND.format("amount_at_stake_yuan = 7000", 2),),
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
        "year_within_person_months": (
            COUNTED.format("persons = 10", "500000", "2025") + "; " + COUNTED.format("persons = 10", "500112", "2025"),
        ),
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
            "insert into reference.region_ancestor values ('2025', '500114', '500000'); " + ANOTHER_COUNTY_PAID,
        ),
    },
}


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("good_audit") / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(TABLES.read_text(encoding="utf-8"))
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


def test_persons_paid_outside_the_scope_are_a_finding_of_the_audit(check: Callable[..., CheckOutcome]) -> None:
    assert not check("beneficiary", ANOTHER_COUNTY_PAID).failures
    left_out = check("subsidy_audit", ANOTHER_COUNTY_PAID, only="every_payment_audited")
    assert "every_payment_audited" in {result.check for result in left_out.failures}


def test_a_row_is_told_with_its_programme_and_facility(check: Callable[..., CheckOutcome]) -> None:
    (result,) = check("subsidy_payment", PAID.format("repeated_entries = 2"), only="entries_within_entries").failures
    assert [row.split("，")[0] for row in result.rows] == ["500113 MONTH 甲 2025-01"]
