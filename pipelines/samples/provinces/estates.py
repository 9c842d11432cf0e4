"""New and existing estates of Guizhou and Henan: one of each a county and year of acceptance; invented."""

from collections.abc import Iterator
from functools import cache

from pipelines.samples import residential_projects
from pipelines.samples.chance import below, day, ranks
from pipelines.samples.deliver import Cell, Delivery
from pipelines.samples.places import towns
from pipelines.samples.provinces.frame import GUIZHOU, HENAN, PROVINCES, YEARS, at, counties, files, streets

DROPPED = ("population", "childcare_area_required")
FIELDS = {field: words for field, words in residential_projects.FIELDS.items() if field not in DROPPED}
# m² for elders per 100 households: Guizhou 2023 no. 11 (new), Henan 3 (new, existing)
NEW_NORM, EXISTING_NORM = {GUIZHOU: 20, HENAN: 30}, 20
CHILDCARE_AREA = 200  # m² a new project, Henan 3
# share of the estates accepted in 2022 … 2025 that fall short; existing ones at the end of these years
SHORT = {GUIZHOU: (0.18, 0.11, 0.06, 0.02), HENAN: (0.15, 0.10, 0.05, 0.02)}
EXISTING_SHORT = (0.24, 0.18, 0.12, 0.07)


@cache
def falls_short(province: str, what: str, year: int) -> frozenset[str]:
    """Counties whose estate of the year falls short."""
    share = at(year, EXISTING_SHORT if what == "existing" else SHORT[province])
    inside = counties(province)
    turn = ranks(inside, "short", what, 0 if what == "existing" else year)
    return frozenset(county for county in inside if turn[county] < round(share * len(inside)))


def estate(province: str, county: str, ident: str, households: int, norm: int, is_short: bool) -> dict[str, Cell]:
    required = households * norm // 100 + 1
    return {
        "project_id": ident,
        "county_code": county,
        "town_code": streets(county)[0],
        "households": households,
        "eldercare_area_required": required,
        "eldercare_area": required * 7 // 10 if is_short else required + below(60, "area", ident),
    }


def new_estate(province: str, county: str, year: int) -> dict[str, Cell]:
    """The county's estate accepted in the year."""
    ident = f"{county}XJ{year}"
    households = 300 + 10 * below(120, "households", ident)
    small = county in falls_short(province, "childcare", year)
    return {
        **estate(province, county, ident, households, NEW_NORM[province], county in falls_short(province, "new", year)),
        "project_name": f"{towns(county)[streets(county)[0]]}{year}年新建小区",
        "project_kind": "新建",
        "childcare_area": 120 if small else CHILDCARE_AREA + below(80, "childcare", ident),
        "childcare_places": households * 3 * (8 if small else 10 + below(3, "places", ident)) // 1000 + 1,
        **{field: True for field in FIELDS if field.startswith("sync_")},
        "accepted_on": day(year, "accepted", ident),
        "status": "已交付",
    }


def existing_estate(province: str, county: str, year: int) -> dict[str, Cell]:
    ident = f"{county}YJ001"
    households = 400 + 10 * below(160, "households", ident)
    is_short = county in falls_short(province, "existing", year)
    return {
        **estate(province, county, ident, households, EXISTING_NORM, is_short),
        "project_name": f"{towns(county)[streets(county)[0]]}第1小区",
        "project_kind": "已建成",
        "childcare_area": 60 + below(90, "childcare", ident),
        "childcare_places": households * 3 * (6 + below(5, "places", ident)) // 1000,
        **{field: "不适用" for field in FIELDS if field.startswith("sync_")},
        "status": "已交付",
    }


def records(province: str, year: int) -> list[dict[str, Cell]]:
    """The ledger at the end of the year: estates accepted since 2022, then the existing ones; county by county."""
    found: list[dict[str, Cell]] = []
    for county in counties(province):
        found += [new_estate(province, county, accepted) for accepted in YEARS if accepted <= year]
        found.append(existing_estate(province, county, year))
    return found


def deliveries() -> Iterator[Delivery]:
    for province in PROVINCES:
        for year in YEARS:
            yield from files("residential_projects", str(year), province, FIELDS, records(province, year))
