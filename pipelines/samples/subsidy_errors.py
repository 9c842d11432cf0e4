"""What the sample ledgers do other than pay what is due: each error is told in origins/subsidy_ledger.yml.

Keys are the month of the ledger, the programme and the facility; amounts are yuan, typed by hand.
"""

from datetime import date
from decimal import Decimal

from pipelines.samples.deliver import Cell
from pipelines.samples.reference import BANAN
from pipelines.samples.subsidies_due import Row, resident

# cells that differ in the row that pays the amount
CHANGED: dict[tuple[str, str, str], dict[str, Cell]] = {
    ("2023-12", "BANAN-S4", "500113YL0047"): {"base_quantity": 110, "amount": 110_000},
    ("2023-12", "BANAN-S5", "500113YL0003"): {"payment_status": "已打款"},
    ("2024-12", "BANAN-S4", "500113YL0031"): {"unit_amount": Decimal("0.1"), "amount": 8},
    ("2025-01", "BANAN-S5", "500113YL0017"): {"service_month": "2024-01"},
    ("2025-03", "BANAN-S5", "500113YL0035"): {"base_quantity": 109, "amount": 5_450},
    ("2025-04", "BANAN-S4", "500113YL0033"): {"payment_status": "已审批"},
    ("2025-04", "BANAN-S5", "500113YL0021"): {"service_month": None},
    ("2025-05", "BANAN-S5", "500113YL0041"): {"base_quantity": 102, "amount": 5_100},
    ("2025-06", "BANAN-S5", "500113YL0023"): {"unit_amount": 60, "amount": 6_000},
    ("2025-08", "BANAN-S1", "500113TY0062"): {"unit_amount": Decimal("0.2"), "amount": Decimal("1050.10")},
    # no errors: approved, and paid in a later ledger
    ("2022-12", "DAZHOU-S4", "511781TY0001"): {"payment_status": "已审批"},
    ("2025-10", "BANAN-S5", "500113YL0039"): {"payment_status": "已审批"},
}
OMITTED = {("2025-11", "BANAN-S5", "500113YL0045")}  # due, and not paid
# headings of a workbook that leave out their unit, by month
MISPRINTED = {("2025-04", "补贴标准（万元）"): "补贴标准"}


def entry(number: str, what: str, quantity: Cell, unit: Cell, amount: Cell, **cells: Cell) -> Row:
    """One row added by hand; `what` is programme and facility, the county that of the facility unless told."""
    programme, facility = what.split()
    day = date(int(number[2:6]), int(number[6:8]), 25)
    return {
        "payment_id": number,
        "programme_code": programme,
        "county_code": facility[:6],
        "payee_kind": "机构",
        "facility_id": facility,
        "base_quantity": quantity,
        "unit_amount": unit,
        "amount": amount,
        "paid_on": day,
        "payment_status": "已发放",
        **cells,
    }


def twice_in_july() -> Row:
    """A resident whose month is paid under a second number."""
    home = "500113YL0049"
    who = {"payee_kind": "个人", "person_id": resident(home, 4, date(2025, 7, 31)), "service_month": "2025-07"}
    return entry("BN202507-9002", f"BANAN-S5 {home}", 1, 50, 50, **who)


def on(day: date, row: Row) -> Row:
    """The row of an earlier number, paid on another day."""
    return {**row, "paid_on": day}


# month of the ledger → rows at its end
EXTRA: dict[str, tuple[Row, ...]] = {
    "2023-12": (
        on(date(2023, 12, 25), entry("DZ202212-0002", "DAZHOU-S4 511781TY0001", 1, 30_000, 30_000)),
        entry("DZ202312-9001", "DAZHOU-S4 511703TY0002", 1, 30_000, 30_000),
    ),
    "2024-12": (
        entry("BN202412-9001", "BANAN-S9 500113YL0060", 1, 10_000, 10_000),
        entry("BN202412-9002", "BANAN-S5 500113YL9999", 30, 50, 1_500, service_month="2024-12"),
        entry("BN202412-9003", "BANAN-S2 500113TY0046", 60, 10_000, 600_000),
        entry("DZ202412-9001", "DAZHOU-S4 511702TY0004", 1, 30_000, 30_000, payment_status="退回"),
    ),
    "2025-02": (
        entry("BN202502-9001", "BANAN-S5 500113YL0018", 44, 50, 2_200, service_month="2025-02"),
        entry("DZ202502-9001", "DAZHOU-S4 511702TY0004", 1, 30_000, 30_000),
    ),
    "2025-03": (
        entry(
            "BN202503-9001", "BANAN-S5 500113YL0036", 74, 50, 3_700, service_month="2025-02", payment_status="退回"
        ),
        entry("BN202503-9002", "BANAN-S5 500113YL0034", 68, 50, 3_400, service_month="2025-03"),
        entry("BN202503-9003", "BANAN-S3 500113TY0058", None, None, -10_000, payment_status="追回"),
        entry("DZ202503-9001", "DAZHOU-S4 511781TY0003", 1, 30_000, 30_000),
    ),
    "2025-04": (entry("BN202504-9001", "BANAN-S5 500113YL0036", 74, 50, 3_700, service_month="2025-02"),),
    "2025-05": (
        on(
            date(2025, 5, 25),
            entry("BN202504-0011", "BANAN-S5 500113YL0002", 46, 50, 2_300, service_month="2025-04"),
        ),
    ),
    "2025-06": (entry("DZ202506-9001", "DAZHOU-S4 511725TY0002", 1, 30_000, 30_000),),
    "2025-07": (
        entry("BN202507-9001", "BANAN-S1 500113TY0109", Decimal("2280.5"), Decimal("0.3"), Decimal("684.15"),
              service_month="2025-07"),
        twice_in_july(),
    ),
    "2025-08": (
        entry("BN202508-9001", "BANAN-S5 511702YL0003", 35, 50, 1_750, county_code=BANAN, service_month="2025-08"),
    ),
    "2025-10": (
        entry(
            "BN202510-9001", "BANAN-S5 500113YL0037", 137, 50, 6_850, service_month="2025-09", payment_status="退回"
        ),
    ),
    "2025-11": (
        on(
            date(2025, 11, 25),
            entry("BN202510-0042", "BANAN-S5 500113YL0039", 91, 50, 4_550, service_month="2025-10"),
        ),
    ),
    "2025-12": (
        entry("BN202512-9001", "BANAN-S5 500113YL0055", 1, 50, 50, payee_kind="个人", service_month="2025-12"),
    ),
}  # fmt: skip
