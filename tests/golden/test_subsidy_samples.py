"""What the audit finds in the shipped ledgers: every planted error, and nothing else (typed from their card)."""

from decimal import Decimal

from tests.shipped import Warehouse

# programme, facility, period, finding, due, paid, difference; raw/subsidy_ledger/origin.yml tells each in words
FOUND = {
    ("BANAN-S1", "500113TY0062", "2025-08", "wrong_unit_amount", "1575.15", "1050.10", "-525.05"),
    ("BANAN-S1", "500113TY0109", "2025-07", "after_closing", "0.00", "684.15", "684.15"),
    ("BANAN-S2", "500113TY0046", "once", "paid_without_entitlement", "0.00", "600000.00", "600000.00"),
    ("BANAN-S3", "500113TY0058", "once", "returned", "65000.00", "55000.00", "-10000.00"),
    ("BANAN-S4", "500113YL0031", "once", "wrong_unit_amount", "80000.00", "8.00", "-79992.00"),
    ("BANAN-S4", "500113YL0033", "once", "underpaid", "80000.00", "0.00", "-80000.00"),
    ("BANAN-S4", "500113YL0047", "once", "overpaid", "100000.00", "110000.00", "10000.00"),
    ("BANAN-S5", "500113YL0002", "2025-04", "paid_twice", "2300.00", "2300.00", "0.00"),
    ("BANAN-S5", "500113YL0003", "2023-12", "underpaid", "1350.00", "0.00", "-1350.00"),
    ("BANAN-S5", "500113YL0017", "2024-01", "not_assessable", None, "4200.00", None),
    ("BANAN-S5", "500113YL0017", "2025-01", "underpaid", "4200.00", "0.00", "-4200.00"),
    ("BANAN-S5", "500113YL0018", "2025-02", "paid_twice", "2200.00", "4400.00", "2200.00"),
    ("BANAN-S5", "500113YL0021", "2025-04", "underpaid", "2800.00", "0.00", "-2800.00"),
    ("BANAN-S5", "500113YL0021", "unknown", "not_assessable", None, "2800.00", None),
    ("BANAN-S5", "500113YL0023", "2025-06", "wrong_unit_amount", "5000.00", "6000.00", "1000.00"),
    ("BANAN-S5", "500113YL0024", "2025-05", "not_assessable", None, "3650.00", None),
    ("BANAN-S5", "500113YL0034", "2025-03", "paid_without_entitlement", "0.00", "3400.00", "3400.00"),
    ("BANAN-S5", "500113YL0035", "2025-03", "overpaid", "4600.00", "5450.00", "850.00"),
    ("BANAN-S5", "500113YL0037", "2025-09", "returned", "6850.00", "0.00", "-6850.00"),
    ("BANAN-S5", "500113YL0041", "2025-05", "underpaid", "5600.00", "5100.00", "-500.00"),
    ("BANAN-S5", "500113YL0045", "2025-11", "underpaid", "5650.00", "0.00", "-5650.00"),
    ("BANAN-S5", "500113YL0049", "2025-07", "paid_twice", "1000.00", "1050.00", "50.00"),
    ("BANAN-S5", "511702YL0003", "2025-08", "paid_without_entitlement", "0.00", "1750.00", "1750.00"),
    ("DAZHOU-S4", "511703TY0002", "once", "paid_without_entitlement", "0.00", "30000.00", "30000.00"),
    ("DAZHOU-S4", "511722TY0003", "once", "wrong_unit_amount", "30000.00", "30000.00", "0.00"),
    ("DAZHOU-S4", "511725TY0002", "once", "paid_twice", "30000.00", "60000.00", "30000.00"),
    ("DAZHOU-S4", "511781TY0003", "once", "not_assessable", None, "30000.00", None),
}
# homes that the municipality paid for: no document prints the amount, so none is due
MUNICIPAL = {f"500113YL00{number}" for number in (29, 30, 31, 32, 33, 47, 55, 56, 57, 58, 59)}


def printed(amount: object) -> str | None:
    return None if amount is None else str(Decimal(str(amount)).quantize(Decimal("0.01")))


def test_every_planted_error_is_found_and_none_invented(shipped: Warehouse) -> None:
    rows = shipped.rows(
        "select programme_code, facility_id, period, finding, due_amount_yuan, paid_amount_yuan, difference_yuan"
        " from marts.subsidy_audit where rank is not null and programme_code <> 'CQ-CONSTR'"
    )
    assert {(*row[:4], *map(printed, row[4:])) for row in rows} == FOUND
    assert len(rows) == len(FOUND)


def test_money_without_a_printed_amount_is_not_assessed(shipped: Warehouse) -> None:
    rows = shipped.rows(
        "select facility_id, finding, due_amount_yuan from marts.subsidy_audit"
        " where programme_code = 'CQ-CONSTR' and paid_amount_yuan > 0"
    )
    assert {row[0] for row in rows} == MUNICIPAL
    assert {row[1:] for row in rows} == {("not_assessable", None)}


def test_a_return_paid_again_and_an_approval_paid_later_are_consistent(shipped: Warehouse) -> None:
    rows = shipped.rows(
        "select facility_id, period, finding, paid_amount_yuan from marts.subsidy_audit"
        " where (facility_id, period) in (('500113YL0036', '2025-02'), ('500113YL0039', '2025-10'),"
        " ('511702TY0004', 'once'), ('511781TY0001', 'once')) and programme_code in ('BANAN-S5', 'DAZHOU-S4')"
        " order by facility_id"
    )
    assert [(*row[:3], printed(row[3])) for row in rows] == [
        ("500113YL0036", "2025-02", "consistent", "3700.00"),
        ("500113YL0039", "2025-10", "consistent", "4550.00"),
        ("511702TY0004", "once", "consistent", "30000.00"),
        ("511781TY0001", "once", "consistent", "30000.00"),
    ]


def test_exactly_half_full_is_due_and_just_under_is_not(shipped: Warehouse) -> None:
    """54 of 108 beds; 81 of 166."""
    rows = shipped.rows(
        "select facility_id, due_amount_yuan from marts.subsidy_entitlement where programme_code = 'BANAN-S5'"
        " and period = '2025-12' and facility_id in ('500113YL0020', '500113YL0034') order by facility_id"
    )
    assert [(facility, printed(due)) for facility, due in rows] == [
        ("500113YL0020", "2250.00"),
        ("500113YL0034", "0.00"),
    ]


def test_persons_are_counted_once_a_year(shipped: Warehouse) -> None:
    """38 residents a month, of whom eight were followed by others; three in December 2024, which stay confidential."""
    rows = shipped.rows(
        "select period, persons, conf_status from marts.beneficiary where programme_code = 'BANAN-S5'"
        " and region_code = '500113' and period in ('2024-12', '2025', '2025-01', '2025-12') order by period"
    )
    assert rows == [("2024-12", 3, "C"), ("2025", 46, "F"), ("2025-01", 38, "F"), ("2025-12", 38, "F")]


def test_refused_rows(shipped: Warehouse) -> None:
    rows = shipped.rows(
        "select path, row_number, reason from ops.quarantine where source = 'subsidy_ledger' order by path, row_number"
    )
    assert rows == [
        ("subsidy_ledger/2023-12/500113.csv", 18, "bad_enum"),
        ("subsidy_ledger/2024-12/500113.csv", 74, "rule:known_programme"),
        ("subsidy_ledger/2024-12/500113.csv", 75, "unknown_facility"),
        ("subsidy_ledger/2025-12/500113.csv", 104, "rule:payee_present"),
    ]
