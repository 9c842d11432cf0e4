"""What a facility is due, and the rows of a ledger that pay it: plain data, and the arithmetic of the clauses."""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MONTHS = ("2022-03", "2022-04", "2022-05")
NOTHING = Decimal("0.00")
#: yuan for one unit of the base (Banan (六) (七) (十九), Dazhou 五(三)); of S1 the share of the rent
PRICE = {
    "BANAN-S1": Decimal("0.3"),
    "BANAN-S2": Decimal(10000),
    "BANAN-S3": Decimal(1000),
    "BANAN-S4": Decimal(1000),
    "BANAN-S5": Decimal(50),
    "DAZHOU-S4": Decimal(30000),
}

Key = tuple[str, str, str, str]  # programme, facility, county, period
Row = dict[str, str]


def last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def in_cents(yuan: Decimal) -> Decimal:
    """Half a cent away from zero (spec §3)."""
    return yuan.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Finding:
    """What the audit must say of a key. `due` None: it cannot be told; `paid` None: no ledger has come yet."""

    finding: str
    due: Decimal | None
    paid: Decimal | None


@dataclass
class Payment:
    """A row of the ledger, in the file of `month`."""

    programme: str
    facility: str
    county: str
    amount: Decimal
    quantity: Decimal | None
    unit: Decimal | None
    service: str
    month: str
    number: str
    status: str = "已发放"
    in_wan: bool = False

    @property
    def net(self) -> Decimal:
        """Returned and recovered money deducts, whatever its sign; approved money is not paid yet (spec §8)."""
        if self.status == "已发放":
            return self.amount
        return NOTHING if self.status == "已审批" else -abs(self.amount)

    def row(self) -> Row:
        return {
            "报送期": self.month,
            "发放流水号": self.number,
            "项目代码": self.programme,
            "区划代码": self.county,
            "对象类型": "机构",
            "机构编码": self.facility,
            "补贴数量": "" if self.quantity is None else f"{self.quantity:f}",
            "单价": "" if self.unit is None else self._written(self.unit),
            "金额": self._written(self.amount),
            "所属期": self.service,
            "发放日期": f"{last_day(self.month)}",
            "状态": self.status,
        }

    def _written(self, yuan: Decimal) -> str:
        return f"{yuan / 10000:f}万" if self.in_wan else f"{yuan:f}"


@dataclass
class Claim:
    """What one facility is due under a programme for a month, or once. The register of the month `judged` decides."""

    key: Key
    base: Decimal
    judged: str
    is_closed: bool = False
    payments: list[Payment] = field(default_factory=list)
    finding: str = "consistent"
    is_assessable: bool = True

    @property
    def due(self) -> Decimal:
        """Yuan."""
        return in_cents(self.base * PRICE[self.key[0]])

    @property
    def paid(self) -> Decimal:
        """A payment number that stands in two months counts once (spec §8)."""
        first = {payment.number: payment for payment in reversed(self.payments)}
        return sum((payment.net for payment in first.values()), NOTHING)

    @property
    def told(self) -> Finding:
        return Finding(self.finding, self.due if self.is_assessable else None, self.paid)
