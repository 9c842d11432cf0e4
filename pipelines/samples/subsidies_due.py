"""What the registers make due under each programme, worked out from their rows: the payments without any error.

Amounts are yuan. One-off subsidies fall due in the first month delivered in which the register meets the conditions;
those that follow another payment are paid in the next month of the ledger.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache

from pipelines.samples import childcare_facilities, elderly_facilities
from pipelines.samples.chance import below
from pipelines.samples.deliver import Cell
from pipelines.samples.elderly_facilities import months
from pipelines.samples.elderly_stock import INSTITUTION_KINDS
from pipelines.samples.persons import person
from pipelines.samples.reference import BANAN, DAZHOU

Row = dict[str, Cell]
UNIT = {
    "BANAN-S1": Decimal("0.3"),
    "BANAN-S2": 10_000,
    "BANAN-S3": 1_000,
    "BANAN-S4": 1_000,
    "BANAN-S5": 50,
    "CQ-CONSTR": 5_000,
    "DAZHOU-S4": 30_000,
}
BUILT_SINCE = date(2021, 1, 1)  # homes that the municipality paid for

BY_PERSON = {"500113YL0049": 1000, "500113YL0055": 1100}  # home → number of its first resident, who is paid directly
SUCCESSOR = 2000  # added to a resident's number: who took the place


@dataclass(frozen=True)
class Due:
    """One amount due: quantity × the programme's unit amount; `month` is blank where it is paid once."""

    programme: str
    facility: str
    county: str
    quantity: Decimal | int
    month: str | None = None

    @property
    def amount(self) -> Decimal | int:
        return self.quantity * UNIT[self.programme]


@cache
def ledger_months() -> tuple[date, ...]:
    """The months of the ledger: Decembers from 2022 to 2024, every month of 2025."""
    return tuple(day for day in months() if day.year >= 2022)


def is_institution(home: Row) -> bool:
    return home["status"] == "运营" and home["facility_type"] in INSTITUTION_KINDS and int(str(home["beds"])) >= 10


def operation(as_of: date) -> list[Due]:
    """(十九): 50 yuan for each resident registered in Banan, in a home that is at least half full."""
    found = []
    for home in elderly_facilities.register(BANAN, as_of):
        if is_institution(home) and 2 * home["residents"] >= home["beds"] and home["local_residents"]:
            quantity, month = home["local_residents"], f"{as_of:%Y-%m}"
            found.append(Due("BANAN-S5", str(home["facility_id"]), BANAN, quantity, month))
    return found


def rent(as_of: date) -> list[Due]:
    """(六): 30 % of the rent of an inclusive facility open in state-owned premises."""
    found = []
    for site in childcare_facilities.register(BANAN, as_of):
        if site["status"] == "正常运营" and site["inclusive"] and site["leases_state_asset"]:
            found.append(Due("BANAN-S1", str(site["facility_id"]), BANAN, site["contract_rent"], f"{as_of:%Y-%m}"))
    return found


def first_met(register: Callable[[str, date], list[Row]], area: str, met: Callable[[Row], bool]) -> dict[str, tuple]:
    """Facility → the first month delivered since the end of 2021 in which its row meets the condition, and the row."""
    found: dict[str, tuple] = {}
    for as_of in months():
        if as_of.year >= 2021:
            for row in register(area, as_of):
                if met(row):
                    found.setdefault(str(row["facility_id"]), (as_of, row))
    return found


def next_month(as_of: date) -> date:
    """The month of the ledger after this one."""
    return next(day for day in ledger_months() if day > as_of)


@cache
def once() -> dict[date, list[Due]]:
    """Month of the ledger → what is paid once in it."""
    found: dict[date, list[Due]] = {day: [] for day in ledger_months()}
    start = ledger_months()[0]
    central = first_met(
        childcare_facilities.register, BANAN, lambda site: bool(site["inclusive"] and site["central_project"])
    )
    for facility, (as_of, site) in central.items():
        paid, places = max(as_of, start), site["central_project_places"]
        found[paid].append(Due("BANAN-S2", facility, BANAN, places))
        found[next_month(paid)].append(Due("BANAN-S3", facility, BANAN, places))
    built = first_met(elderly_facilities.register, BANAN, is_new_private_home)
    for facility, (as_of, home) in built.items():
        paid = max(as_of, start)
        found[paid].append(Due("CQ-CONSTR", facility, BANAN, home["beds"]))
        found[next_month(paid)].append(Due("BANAN-S4", facility, BANAN, home["beds"]))
    for facility, (as_of, site) in first_met(childcare_facilities.register, DAZHOU, is_provincial).items():
        found[as_of].append(Due("DAZHOU-S4", facility, str(site["county_code"]), 1))
    return found


def is_new_private_home(home: Row) -> bool:
    opened = home["opened_on"]
    return is_institution(home) and home["ownership"] == "民办" and isinstance(opened, date) and opened >= BUILT_SINCE


def is_provincial(site: Row) -> bool:
    """五(三): recognised by the province since 2022, and open."""
    since = site["demo_recognised_on"]
    recognised = site["demo_level"] == "省级" and isinstance(since, date) and since.year >= 2022
    return recognised and site["status"] == "正常运营" and site["facility_type"] != "家庭托育点"


def due(area: str, as_of: date) -> list[Due]:
    """Everything that the area's ledger of the month pays, by programme and facility.

    The first ledger also settles the rents of December 2021, the first month of the rule.
    """
    found = [one for one in once()[as_of] if (one.county == BANAN) == (area == BANAN)]
    if area == BANAN:
        found += [*operation(as_of), *rent(as_of)]
        if as_of == ledger_months()[0]:
            found += rent(date(2021, 12, 31))
    return sorted(found, key=lambda one: (one.programme, one.facility, one.month or ""))


def resident(home: str, place: int, as_of: date) -> str:
    """Identity number of who lives in the home's place: one place in five changes hands during 2025."""
    left = below(60, "left", home, place)  # of sixty months, the first twelve are those of 2025
    later = SUCCESSOR if as_of.year == 2025 and as_of.month > left else 0
    return person(BANAN, BY_PERSON[home] + place + later).id
