"""Guizhou's rosters: eight assisted persons a county in Decembers, three elders in special difficulty every month.

Nobody listed exists (`persons`); the lists are scaled down, their shares are those planned for the year.
"""

from collections.abc import Iterator
from functools import cache

from pipelines.samples import assistance_roster, care_contacts
from pipelines.samples.chance import below, day, ranks
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.persons import person
from pipelines.samples.provinces.frame import GUIZHOU, YEARS, at, counties, files, streets, townships

ROSTER_COLUMNS = (
    "person_id", "person_name", "sex", "birth_date", "county_code", "town_code", "assistance_kind", "self_care",
    "disability", "support_mode", "facility_id", "basic_service", "home_adapted_on", "joined_on",
)  # fmt: skip
ROSTER = {field: assistance_roster.FIELDS[field] for field in ROSTER_COLUMNS}
CONTACT_COLUMNS = ("person_id", "person_name", "county_code", "town_code", "primary_kind", "contacts")
CONTACTS = {field: care_contacts.FIELDS[field] for field in CONTACT_COLUMNS}
TEKUN, DIBAO, MARGINAL = "特困人员", "低保", "低保边缘"
# the eight of a county: kind, ability, in a home
PLACES = (
    (TEKUN, "部分丧失", False),
    (TEKUN, "完全丧失", False),
    (TEKUN, "部分丧失", False),
    (TEKUN, "部分丧失", False),
    (TEKUN, "完全丧失", True),
    (DIBAO, "部分丧失", False),
    (DIBAO, "完全丧失", False),
    (MARGINAL, "部分丧失", False),
)
SERVED = (0.86, 0.91, 0.95, 0.983)  # of all listed who get basic services, 2022 … 2025
WITHOUT = 2  # counties that have adapted no home by 2025
CONTACTED_YEARS = (2024, 2025)
VISITED = {2024: 0.982, 2025: 0.996}  # in each month
LISTED, FIRST_LISTED = 3, 100  # persons a county on the monthly lists, and their first number
KINDS = care_contacts.KINDS


@cache
def serving() -> dict[tuple[str, int], int]:
    """County and place → its turn in getting basic services."""
    return ranks([(county, place) for county in counties(GUIZHOU) for place in range(len(PLACES))], "served")


def adapted_in(county: str, place: int) -> int:
    """The year in which the home is adapted; the first of a county by 2025, the others one in six after it."""
    if ranks(counties(GUIZHOU), "without")[county] < WITHOUT:
        return 2026
    return 2021 + below(5 if place == 0 else 6, "adapted", county, place)


def roster(year: int) -> list[dict[str, Cell]]:
    """The roster at the end of the year: eight persons a county, the same ones every year."""
    found: list[dict[str, Cell]] = []
    for county in counties(GUIZHOU):
        for place, (kind, self_care, central) in enumerate(PLACES):
            who = person(county, place, 1950)
            tekun = kind == TEKUN
            adapted = tekun and not central and adapted_in(county, place) <= year
            found.append(
                {
                    "person_id": who.id,
                    "person_name": who.name,
                    "sex": who.sex,
                    "birth_date": who.birth,
                    "county_code": county,
                    "town_code": (townships(county) if place % 2 else streets(county))[0],
                    "assistance_kind": kind,
                    "self_care": self_care,
                    "disability": below(3, "disability", county, place) == 0,
                    "support_mode": ("集中供养" if central else "分散供养") if tekun else "不适用",
                    "facility_id": f"{county}YL002" if central else None,
                    "basic_service": serving()[county, place] < round(at(year, SERVED) * len(serving())),
                    "home_adapted_on": day(adapted_in(county, place), "adapted", county, place) if adapted else None,
                    "joined_on": day(2012 + below(8, "joined", county, place), "joined", county, place),
                }
            )
    return found


def contacts(year: int, month: int) -> list[dict[str, Cell]]:
    """The list of a month; each month leaves out other persons."""
    listed = [(county, FIRST_LISTED + number) for county in counties(GUIZHOU) for number in range(LISTED)]
    turn = ranks(listed, "visited", year, month)
    found: list[dict[str, Cell]] = []
    for county, number in listed:
        who = person(county, number)
        visited = turn[county, number] < round(VISITED[year] * len(listed))
        found.append(
            {
                "person_id": who.id,
                "person_name": who.name,
                "county_code": county,
                "town_code": townships(county)[number % 2 % len(townships(county))],
                "primary_kind": KINDS[below(len(KINDS), "kind", county, number)],
                "contacts": 1 + below(4, "contacts", county, number, year, month) if visited else 0,
            }
        )
    return found


def roster_deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        yield from files("assistance_roster", f"{year}-12", GUIZHOU, ROSTER, roster(year))


def contact_deliveries() -> Iterator[Delivery]:
    for year in CONTACTED_YEARS:
        for month in range(1, 13):
            rows = [cells(CONTACTS, row) for row in contacts(year, month)]
            yield Delivery(f"care_contacts/{year}-{month:02d}/{GUIZHOU}.parquet", headings(CONTACTS), rows)
