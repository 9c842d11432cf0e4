"""subsidy_ledger: the monthly accounts of subsidies, paid as due (`subsidies_due`) but for `subsidy_errors`.

Banan pays its operating subsidy home by home, for two homes person by person; Dazhou's city treasury pays the awards
of its counties and writes in 万元.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache

from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.reference import BANAN, DAZHOU
from pipelines.samples.subsidies_due import BY_PERSON, UNIT, Due, Row, due, ledger_months, resident
from pipelines.samples.subsidy_errors import CHANGED, EXTRA, MISPRINTED, OMITTED

FIELDS = {
    "payment_id": "发放流水号|凭证号",
    "programme_code": "补贴项目代码|项目代码",
    "county_code": "发放县级区划代码|县区代码",
    "payee_kind": "发放对象类型|对象类型",
    "facility_id": "机构编码|设施编码",
    "person_id": "身份证号|证件号码",
    "base_quantity": "计发数量|补贴数量",
    "unit_amount": "补贴标准|补贴标准（万元）",
    "amount": "发放金额|发放金额（万元）",
    "service_month": "补贴所属月份|所属期",
    "paid_on": "发放日期|支付日期",
    "payment_status": "发放状态|状态",
}
DIRECT = {2022: 3, 2023: 3, 2024: 3}  # in Decembers one home leaves so many to the bank, the rest to the home
SENT = {BANAN: "BN", DAZHOU: "DZ"}


def to_persons(one: Due, as_of: date) -> int:
    """How many of the home's residents are paid themselves."""
    if one.programme != "BANAN-S5" or one.facility not in BY_PERSON:
        return 0
    first = next(iter(BY_PERSON))
    return int(one.quantity) if as_of.year == 2025 else DIRECT[as_of.year] if one.facility == first else 0


def payments(one: Due, as_of: date) -> list[Row]:
    """The rows that pay one amount: one to the facility, or one to each person and the rest to the facility."""
    row: Row = {
        "programme_code": one.programme,
        "county_code": one.county,
        "payee_kind": "机构",
        "facility_id": one.facility,
        "unit_amount": UNIT[one.programme],
        "service_month": one.month,
        "paid_on": as_of if one.month else as_of.replace(day=20),
        "payment_status": "已发放",
    }
    persons = to_persons(one, as_of)
    found = [
        {**row, "payee_kind": "个人", "person_id": resident(one.facility, place, as_of), "base_quantity": 1}
        for place in range(persons)
    ]
    if persons < one.quantity:
        found.append({**row, "base_quantity": one.quantity - persons})
    return [{**each, "amount": each["base_quantity"] * UNIT[one.programme]} for each in found]


@cache
def records(area: str, as_of: date) -> list[Row]:
    """The area's entries of the month, numbered; those added by hand, errors and next steps, stand last."""
    month, found = f"{as_of:%Y-%m}", []
    for one in due(area, as_of):
        key = (month, one.programme, one.facility)
        changed = CHANGED.get(key, {}) if one.month in (None, month) else {}
        found += [{**row, **changed} for row in payments(one, as_of) if key not in OMITTED]
    for number, row in enumerate(found, 1):
        row["payment_id"] = f"{SENT[area]}{as_of:%Y%m}-{number:04d}"
    added = [row for row in EXTRA.get(month, ()) if str(row["payment_id"]).startswith(SENT[area])]
    return [*found, *added]


def in_wan(amount: Cell) -> Cell:
    """Ten thousands of yuan, as Dazhou writes them."""
    return None if amount is None else float(Decimal(str(amount)) / 10_000)


def with_separators(amount: Cell) -> Cell:
    """4050 as Banan's text files write it: 4,050.00."""
    return None if amount is None else f"{Decimal(str(amount)):,.2f}"


def banan(as_of: date) -> Delivery:
    """Decembers as text with a 合计 row, other months as Parquet."""
    found = records(BANAN, as_of)
    if as_of.month < 12:
        typed = [{**row, "unit_amount": money(row["unit_amount"]), "amount": money(row["amount"])} for row in found]
        typed = [{**row, "base_quantity": money(row["base_quantity"])} for row in typed]
        rows = [cells(FIELDS, row) for row in typed]
        return Delivery(f"subsidy_ledger/{as_of:%Y-%m}/{BANAN}.parquet", headings(FIELDS), rows)
    total: list[Cell] = [None] * len(FIELDS)
    total[0] = "合计"
    total[list(FIELDS).index("amount")] = with_separators(sum(Decimal(str(row["amount"])) for row in found))
    rows = [cells(FIELDS, {**row, "amount": with_separators(row["amount"])}) for row in found]
    path = f"subsidy_ledger/{as_of:%Y-%m}/{BANAN}.csv"
    return Delivery(path, headings(FIELDS), rows, total=total, bom=True)


def money(amount: Cell) -> Cell:
    return None if amount is None else Decimal(str(amount)).quantize(Decimal("0.01"))


def dazhou(as_of: date) -> Delivery:
    """A workbook in 万元 with a title row and, where anything was paid, a 合计 row; headings alone are a nil return."""
    found, month = records(DAZHOU, as_of), f"{as_of:%Y-%m}"
    names = headings(FIELDS, 1)
    scaled = [{**row, "unit_amount": in_wan(row["unit_amount"]), "amount": in_wan(row["amount"])} for row in found]
    total: list[Cell] = [None] * len(FIELDS)
    total[0] = "合计"
    total[list(FIELDS).index("amount")] = sum(row["amount"] or 0 for row in scaled)
    names = [MISPRINTED.get((month, name), name) for name in names]
    title = f"达州市托育机构奖补资金发放台账（{as_of.year}年{as_of.month}月）"
    rows = [cells(FIELDS, row) for row in scaled]
    return Delivery(f"subsidy_ledger/{month}/{DAZHOU}.xlsx", names, rows, title, total if found else None)


def deliveries() -> Iterator[Delivery]:
    for as_of in ledger_months():
        yield banan(as_of)
        yield dazhou(as_of)
