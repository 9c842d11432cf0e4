"""Invented worlds: registers of three months and a ledger that pays exactly what is due, worked out from the clauses.

A world holds a few homes and nurseries in Banan and a few nurseries in Dazhou. In a world as it begins there is nothing
to find but the municipal subsidy, of which nobody knows what was due.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from tests.scenarios.subsidies.claims import MONTHS, NOTHING, PRICE, Claim, Finding, Key, Payment, Row, last_day

BANAN, DAZHOU = "500113", ("511702", "511703", "511724")
HOMES, NURSERIES = "elderly_facilities", "childcare_facilities"
ID = {HOMES: "设施编码", NURSERIES: "机构编码"}
#: what a row says unless it is told otherwise
HOME = {
    "区划代码": BANAN,
    "乡镇代码": f"{BANAN}004",
    "城乡属性": "城市",
    "机构类型": "养老院",
    "所有制性质": "民办",
    "运营主体性质": "企业",
    "是否普惠": "否",
    "护理型床位数": "0",
    "运营状态": "运营",
}
NURSERY = {
    "区划代码": BANAN,
    "乡镇代码": f"{BANAN}004",
    "城乡属性": "城市",
    "机构类型": "托育机构",
    "机构性质": "民办",
    "是否普惠": "是",
    "是否备案": "是",
    "托位数": "60",
    "中央资金项目": "否",
    "是否租赁经营性国有资产": "否",
    "运营状态": "运营",
}


def yes(fact: bool) -> str:
    return "是" if fact else "否"


class World:
    """A world of its own: the ids of its facilities and payments begin with its number."""

    def __init__(self, number: int, seed: str) -> None:
        self.chance = Random(f"{seed}/{number}")
        self.name = f"W{number:02}"
        self.listed: dict[tuple[str, str, str], Row] = {}  # source, facility, month
        self.claims: list[Claim] = []
        self.municipal: list[Payment] = []  # CQ-CONSTR, without a known amount
        self.beyond: dict[Key, Finding] = {}  # keys that no claim speaks of
        self.stray: list[Payment] = []  # the payments behind them
        self._facilities = self._payments = 0
        for _ in range(self.chance.randint(4, 6)):
            self._home()
        for _ in range(self.chance.randint(2, 3)):
            self._tenant()
            self._project()
            self._demonstration()

    # what is delivered, and what is to be found

    def delivered(self) -> Iterator[tuple[str, Row]]:
        """(source, row) of all registers and ledgers."""
        yield from ((source, row) for (source, *_), row in self.listed.items())
        yield from (("subsidy_ledger", payment.row()) for payment in self.ledger())

    def ledger(self) -> list[Payment]:
        return [*(payment for claim in self.claims for payment in claim.payments), *self.municipal, *self.stray]

    def findings(self) -> dict[Key, Finding]:
        """Every key with something due, paid or found."""
        found = {claim.key: claim.told for claim in self.claims}
        told = {key: told for key, told in found.items() if told != Finding("consistent", NOTHING, NOTHING)}
        paid: dict[Key, Decimal] = {}
        for payment in self.municipal:
            key = (payment.programme, payment.facility, payment.county, "once")
            paid[key] = paid.get(key, NOTHING) + payment.net
        return told | {key: Finding("not_assessable", None, net) for key, net in paid.items()} | self.beyond

    # the registers

    def facility(self, kind: str) -> str:
        self._facilities += 1
        return f"{self.name}-{kind}{self._facilities:02}"

    def register(self, source: str, month: str, facility: str, **cells: object) -> None:
        """A facility's row in the register of a month."""
        row = {"报送期": month, ID[source]: facility, "机构名称": f"{facility}号"}
        told = {heading: str(cell) for heading, cell in cells.items()}
        self.listed[source, facility, month] = row | (HOME if source == HOMES else NURSERY) | told

    def life(self) -> tuple[date | None, date | None]:
        """When a facility opened and closed: mostly long ago and never, else on either side of a month's end."""
        end = last_day(self.chance.choice(MONTHS[:2]))
        opened = self.chance.choice([None, None, None, end, end + timedelta(1)])
        closes = opened is None and self.chance.random() < 0.4
        return opened, self.chance.choice([end - timedelta(9), end, end + timedelta(1)]) if closes else None

    @staticmethod
    def in_month(month: str, opened: date | None, closed: date | None) -> tuple[bool, bool, Row]:
        """In service on the month's last day? closed by then? and what the register says of it (spec §4)."""
        end = last_day(month)
        gone = closed is not None and closed <= end
        status = "关闭" if gone and closed != end else "运营"  # of its last day a home may be listed as operating
        told = {"投入运营日期": f"{opened or ''}", "关停日期": f"{closed or ''}", "运营状态": status}
        return not gone and (opened is None or opened <= end), gone, told

    # the ledger

    def number(self) -> str:
        self._payments += 1
        return f"{self.name}-{self._payments:04}"

    def payment(self, claim: Claim, amount: Decimal, quantity: Decimal | None, month: str, **told: object) -> Payment:
        programme, facility, county, period = claim.key
        row = {"unit": PRICE[programme], "service": "" if period == "once" else period, "number": self.number()}
        return Payment(programme, facility, county, amount, quantity, month=month, **(row | told))

    def month_from(self, judged: str) -> str:
        """A month whose ledger may pay what fell due then."""
        return self.chance.choice([month for month in MONTHS if month >= judged])

    def claim(self, key: Key, base: Decimal, judged: str, is_closed: bool = False) -> Claim:
        """A claim, paid in full in one of the ways that leave nothing to find."""
        claim = Claim(key, base, judged or MONTHS[-1], is_closed)
        self.claims.append(claim)
        if not claim.due:
            return claim
        month, whole, way = self.month_from(claim.judged), (claim.due, base), self.chance.random()
        if way < 0.1 and base % 2 == 0:
            claim.payments = [self.payment(claim, claim.due / 2, base / 2, month) for _ in range(2)]
        elif way < 0.2:
            ways = ("已发放", "退回", "已发放")
            claim.payments = [self.payment(claim, *whole, month, status=status) for status in ways]
        elif way < 0.3:
            claim.payments = [self.payment(claim, *whole, month, status=status) for status in ("已发放", "已审批")]
        else:
            in_wan = way < 0.4 and claim.key[0] != "BANAN-S1"
            claim.payments = [self.payment(claim, *whole, month, in_wan=in_wan)]
        return claim

    def pay_municipal(self, facility: str, month: str) -> None:
        amount = Decimal(self.chance.randint(1, 90) * 10000)
        told = {"quantity": None, "unit": None, "service": "", "month": month, "number": self.number()}
        self.municipal.append(Payment("CQ-CONSTR", facility, BANAN, amount, **told))

    # the programmes

    def _home(self) -> None:
        """A home: S5 in every month (residents fill half of the beds), S4 once after the municipal payment."""
        facility, chance = self.facility("H"), self.chance
        kind = chance.choice(["养老院", "敬老院", "护理院", "社区养老服务站"])
        private = chance.random() < 0.6
        owner = {"所有制性质": "民办" if private else "公办", "运营主体性质": "企业" if private else "政府"}
        municipal = chance.choice(["", *MONTHS]) if private else ""
        beds = chance.choice([9, 10, 11, *(chance.randint(12, 300) for _ in range(5))])
        opened, closed = self.life()
        judged, due_beds, gone = "", 0, False
        for month in MONTHS:
            in_service, gone, told = self.in_month(month, opened, closed)
            residents = chance.choice([beds // 2, (beds + 1) // 2, chance.randint(0, beds), beds])
            local = chance.randint(0, residents)
            numbers = {"床位数": beds, "入住人数": residents, "本区户籍入住人数": local}
            self.register(HOMES, month, facility, 机构类型=kind, **owner, **numbers, **told)
            institution = in_service and beds >= 10 and kind != "社区养老服务站"
            entitled = institution and 2 * residents >= beds
            self.claim(("BANAN-S5", facility, BANAN, month), Decimal(local if entitled else 0), month, gone)
            if institution and municipal and municipal <= month and not judged:
                judged, due_beds = month, beds
            beds += chance.choice([0, 0, 10])
        if municipal:
            self.pay_municipal(facility, municipal)
        self.claim(("BANAN-S4", facility, BANAN, "once"), Decimal(due_beds), judged, gone and not judged)

    def _tenant(self) -> None:
        """A nursery that leases: S1 in every month, 30 % of the rent."""
        facility, chance = self.facility("T"), self.chance
        rent = Decimal(chance.randint(100_000, 4_000_000)) / 100
        leases, inclusive = chance.random() < 0.8, chance.random() < 0.8
        opened, closed = self.life()
        for month in MONTHS:
            in_service, gone, told = self.in_month(month, opened, closed)
            lease = {"是否普惠": yes(inclusive), "是否租赁经营性国有资产": yes(leases), "合同月租金": rent}
            self.register(NURSERIES, month, facility, **lease, **told)
            entitled = in_service and leases and inclusive
            self.claim(("BANAN-S1", facility, BANAN, month), rent if entitled else Decimal(0), month, gone)

    def _project(self) -> None:
        """A nursery of a central project, in use or not: S2 once it is inclusive, S3 once S2 is paid."""
        facility, chance = self.facility("P"), self.chance
        places, central = chance.randint(2, 60), chance.random() < 0.8
        since = chance.choice(MONTHS) if central else ""
        for month in MONTHS:
            inclusive = yes(bool(since) and month >= since)
            status = chance.choice(["运营", "在建"])
            told = {"中央资金项目": yes(central), "中央资金支持托位数": places, "运营状态": status}
            self.register(NURSERIES, month, facility, 是否普惠=inclusive, **told)
        central_money = self.claim(("BANAN-S2", facility, BANAN, "once"), Decimal(places if since else 0), since)
        after = min((payment.month for payment in central_money.payments), default="")
        self.claim(("BANAN-S3", facility, BANAN, "once"), Decimal(places if after else 0), after)

    def _demonstration(self) -> None:
        """A nursery of Dazhou: S4 once, recognised by the province from 2022-01-01."""
        facility, chance = self.facility("D"), self.chance
        county = chance.choice(DAZHOU)
        level = chance.choice(["省级", "省级", "市级", ""])
        kind = chance.choice(["托育机构", "幼儿园托班", "家庭托育点"])
        recognised = chance.choice([date(2021, 12, 31), date(2022, 1, 1), date(2022, 2, chance.randint(1, 28))])
        place = {"区划代码": county, "乡镇代码": f"{county}001", "机构类型": kind}
        opened, closed = self.life()
        judged, gone = "", False
        for month in MONTHS:
            in_service, gone, told = self.in_month(month, opened, closed)
            self.register(NURSERIES, month, facility, 示范级别=level, 示范认定日期=recognised, **place, **told)
            if in_service and kind != "家庭托育点" and level == "省级" and recognised >= date(2022, 1, 1):
                judged = judged or month
        self.claim(("DAZHOU-S4", facility, county, "once"), Decimal(bool(judged)), judged, gone and not judged)
