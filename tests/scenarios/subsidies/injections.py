"""Errors put into a world at random, each of which writes down what the audit must find of it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.scenarios.subsidies.claims import MONTHS, NOTHING, PRICE, Claim, Finding, Payment, in_cents
from tests.scenarios.subsidies.worlds import BANAN, DAZHOU, HOMES, NURSERIES, World

MONTHLY = ("BANAN-S1", "BANAN-S5")
#: months of which one half is delivered: payments for the first have no register, the register of the second no ledger
NO_REGISTER, NO_LEDGER = "2022-08", "2022-06"


class Injector:
    """Puts errors into a world, no two of them into the same claim."""

    def __init__(self, world: World) -> None:
        self.world, self.chance = world, world.chance
        self.touched: set[int] = set()

    def inject(self, first: int) -> None:
        """A handful of errors, the one of number `first` among them where the world has room for it."""
        kinds = [KINDS[first % len(KINDS)], *self.chance.choices(KINDS, k=self.chance.randint(5, 9))]
        for kind in kinds:
            kind(self)

    # choosing

    def _untouched(self, suits: Callable[[Claim], bool]) -> Claim | None:
        fitting = [claim for claim in self.world.claims if id(claim) not in self.touched and suits(claim)]
        claim = self.chance.choice(fitting) if fitting else None
        self.touched.add(id(claim))
        return claim

    def _paid(self, *programmes: str) -> Claim | None:
        """A claim paid by a single row."""
        return self._untouched(
            lambda claim: claim.key[0] in (programmes or PRICE) and len(claim.payments) == 1 and claim.base >= 1
        )

    def _claims_of(self, facility: str) -> list[Claim]:
        return [claim for claim in self.world.claims if claim.key[1] == facility]

    def _closes(self, facility: str) -> bool:
        rows = [row for (_, listed, _), row in self.world.listed.items() if listed == facility]
        return any(row.get("关停日期") for row in rows)

    def _astray(self, claim: Claim, finding: str, due: Decimal | None, county: str = "", period: str = "") -> None:
        """The payments of a claim went to another key: there they are found, here nothing was paid."""
        programme, facility, own_county, own_period = claim.key
        key = (programme, facility, county or own_county, period or own_period)
        self.world.beyond[key] = Finding(finding, due, claim.paid)
        self.world.stray += claim.payments
        claim.payments, claim.finding = [], "underpaid"

    # the ledger

    def underpaid(self) -> None:
        if not (claim := self._paid()):
            return
        claim.finding = "underpaid"
        if self.chance.random() < 0.4 and claim.key[0] != "BANAN-S2":  # S3 would fall with it
            claim.payments = []
        else:
            self._pay_for(claim.payments[0], claim.base - 1)

    def overpaid(self) -> None:
        if claim := self._paid():
            claim.finding = "overpaid"
            self._pay_for(claim.payments[0], claim.base + self.chance.randint(1, 9))

    @staticmethod
    def _pay_for(payment: Payment, quantity: Decimal) -> None:
        payment.quantity, payment.in_wan = quantity, False
        payment.amount = in_cents(quantity * PRICE[payment.programme])

    def paid_without_entitlement(self) -> None:
        self._pay_nothing_due("paid_without_entitlement", is_closed=False)

    def paid_after_closing(self) -> None:
        self._pay_nothing_due("after_closing", is_closed=True)

    def _pay_nothing_due(self, finding: str, is_closed: bool) -> None:
        if claim := self._untouched(lambda claim: not claim.due and claim.is_closed == is_closed):
            quantity = Decimal(self.chance.randint(1, 40))
            amount = quantity * PRICE[claim.key[0]]
            claim.payments = [self.world.payment(claim, amount, quantity, self.world.month_from(claim.judged))]
            claim.finding = finding

    def paid_under_two_numbers(self) -> None:
        if claim := self._paid():
            [first] = claim.payments
            month = self.world.month_from(first.month)
            claim.payments.append(self.world.payment(claim, first.amount, first.quantity, month))
            claim.finding = "paid_twice"

    def paid_under_one_number_in_two_months(self) -> None:
        claim = self._untouched(lambda claim: [payment.month < MONTHS[-1] for payment in claim.payments] == [True])
        if claim:
            [first] = claim.payments
            month = self.chance.choice([month for month in MONTHS if month > first.month])
            again = self.world.payment(claim, first.amount, first.quantity, month, number=first.number)
            claim.payments.append(again)
            claim.finding = "paid_twice"

    def paid_under_a_former_id(self) -> None:
        """A home closes and reopens in its place under another id; its beds were subsidised before."""
        world, beds = self.world, self.chance.randint(10, 200)
        former, latter = world.facility("F"), world.facility("L")
        numbers = {"机构名称": f"{former}旧址", "床位数": beds, "入住人数": 0, "本区户籍入住人数": 0}
        world.register(HOMES, MONTHS[0], former, **numbers)
        for month in MONTHS[1:]:
            world.register(HOMES, month, former, **numbers, 关停日期="2022-04-10", 运营状态="关闭")
            world.register(HOMES, month, latter, **numbers, 投入运营日期="2022-04-11")
        for facility, month in ((former, MONTHS[0]), (latter, MONTHS[1])):
            world.pay_municipal(facility, month)
            claim = world.claim(("BANAN-S4", facility, BANAN, "once"), Decimal(beds), month)
            self.touched.add(id(claim))
            for payment in claim.payments:
                payment.month = month
        claim.finding = "paid_twice"

    def wrong_unit_amount(self) -> None:
        if claim := self._paid():
            [payment] = claim.payments
            payment.in_wan = False
            if claim.due % 100 == 0 and self.chance.random() < 0.5:  # 万元 that says it is 元
                payment.unit, payment.amount = payment.unit / 10000, payment.amount / 10000
            else:
                payment.unit *= self.chance.choice([Decimal("0.8"), Decimal("1.2")])
                payment.amount = in_cents(payment.quantity * payment.unit)
            claim.finding = "wrong_unit_amount"

    def returned(self) -> None:
        if claim := self._paid():
            [paid] = claim.payments
            all_of_it = self.chance.random() < 0.3 and claim.key[0] != "BANAN-S2"
            back = Payment(
                **vars(paid) | {"number": self.world.number(), "status": self.chance.choice(["退回", "追回"])}
            )
            if not all_of_it:
                self._pay_for(back, Decimal(1))
            back.amount *= self.chance.choice([-1, 1])
            claim.payments.append(back)
            claim.finding = "returned"

    # the key of a payment

    def wrong_year(self) -> None:
        """Before either programme began, so nothing was due."""
        if claim := self._paid(*MONTHLY):
            period = claim.payments[0].service = f"2021{claim.key[3][4:]}"
            self._astray(claim, "paid_without_entitlement", NOTHING, period=period)

    def another_county(self) -> None:
        programmes = ("BANAN-S1", "BANAN-S4", "BANAN-S5", "DAZHOU-S4")
        claim = self._untouched(
            lambda claim: claim.key[0] in programmes and len(claim.payments) == 1 and not self._closes(claim.key[1])
        )
        if claim:
            county = self.chance.choice([county for county in DAZHOU if county != claim.key[2]])
            claim.payments[0].county = county
            self._astray(claim, "paid_without_entitlement", NOTHING, county=county)

    def month_not_named(self) -> None:
        self._month_unknown("", "unknown")

    def month_without_register(self) -> None:
        self._month_unknown(NO_REGISTER, NO_REGISTER)

    def _month_unknown(self, service: str, period: str) -> None:
        claim = self._paid(*MONTHLY)
        if claim and (*claim.key[:3], period) not in self.world.beyond:
            claim.payments[0].service = service
            self._astray(claim, "not_assessable", None, period=period)

    # the register

    def blank_cell(self) -> None:
        """A number or a lease that the month's register leaves open."""
        if claim := self._paid(*MONTHLY):
            source = HOMES if claim.key[0] == "BANAN-S5" else NURSERIES
            headings = {HOMES: ["入住人数", "本区户籍入住人数"], NURSERIES: ["合同月租金", "是否租赁经营性国有资产"]}
            self.world.listed[source, claim.key[1], claim.judged][self.chance.choice(headings[source])] = ""
            claim.finding, claim.is_assessable = "not_assessable", False

    def blank_recognition(self) -> None:
        if claim := self._untouched(lambda claim: claim.key[0] == "DAZHOU-S4" and claim.due > 0):
            self._blank_everywhere(claim.key[1], "示范认定日期")
            claim.finding, claim.is_assessable = "not_assessable", False

    def blank_project(self) -> None:
        """Central project or not: neither S2 nor S3 can be assessed."""
        claim = self._untouched(
            lambda claim: (
                claim.key[0] == "BANAN-S2"
                and claim.due > 0
                and not any(id(other) in self.touched for other in self._claims_of(claim.key[1]))
            )
        )
        if claim:
            self._blank_everywhere(claim.key[1], "中央资金项目")
            for other in self._claims_of(claim.key[1]):
                self.touched.add(id(other))
                other.finding, other.is_assessable = "not_assessable", False

    def _blank_everywhere(self, facility: str, heading: str) -> None:
        for month in MONTHS:
            self.world.listed[NURSERIES, facility, month][heading] = ""

    def vanished(self) -> None:
        """In the registers until April and paid for May ahead: out of the stock without having closed (spec §4)."""
        last = MONTHS[-1]
        late = {payment.facility for payment in self.world.municipal if payment.month == last}

        def can_vanish(claim: Claim) -> bool:
            programme, facility, _, period = claim.key
            others = self._claims_of(facility)
            once_is_due = any(other.key[3] == "once" and other.due and other.judged == last for other in others)
            touched = any(id(other) in self.touched for other in others)
            ahead = programme == "BANAN-S5" and period == last and len(claim.payments) == 1
            return ahead and facility not in late and not once_is_due and not touched

        if claim := self._untouched(can_vanish):
            del self.world.listed[HOMES, claim.key[1], last]
            for other in self._claims_of(claim.key[1]):
                self.touched.add(id(other))
                for payment in other.payments:
                    payment.month = min(payment.month, MONTHS[-2])
            claim.base, claim.finding = Decimal(0), "paid_without_entitlement"

    def no_ledger(self) -> None:
        """Listed in a month whose ledger has not come: what is due is known, what was paid is not."""
        facility, local = self.world.facility("H"), self.chance.randint(1, 40)
        numbers = {"床位数": 50, "入住人数": 40, "本区户籍入住人数": local}
        self.world.register(HOMES, NO_LEDGER, facility, **numbers)
        for programme, period, due in (("BANAN-S5", NO_LEDGER, Decimal(local * 50)), ("BANAN-S4", "once", NOTHING)):
            self.world.beyond[programme, facility, BANAN, period] = Finding("not_assessable", due, None)


KINDS = (
    Injector.underpaid,
    Injector.overpaid,
    Injector.paid_without_entitlement,
    Injector.paid_after_closing,
    Injector.paid_under_two_numbers,
    Injector.paid_under_one_number_in_two_months,
    Injector.paid_under_a_former_id,
    Injector.wrong_unit_amount,
    Injector.returned,
    Injector.wrong_year,
    Injector.another_county,
    Injector.month_not_named,
    Injector.month_without_register,
    Injector.blank_cell,
    Injector.blank_recognition,
    Injector.blank_project,
    Injector.vanished,
    Injector.no_ledger,
)
