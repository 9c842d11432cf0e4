"""communities: the yearly ledger of communities and villages; what a place has once had it keeps."""

from collections.abc import Iterator

from pipelines.samples.chance import apportion, below
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.places import Place, first_to_have, places
from pipelines.samples.population import residents
from pipelines.samples.reference import BANAN, BANDS, DAZHOU, YEARS

FIELDS = {
    "community_code": "社区代码|村社区代码",
    "community_name": "社区名称|村社区名称",
    "town_code": "所属乡镇代码|乡镇街道代码",
    "county_code": "所属县级区划代码|县区代码",
    "community_type": "社区类型",
    "households": "户数|常住户数",
    "population": "常住人口",
    "elderly_60": "60岁以上老年人数|老年人口数",
    "disabled_elders": "失能老年人数",
    "disabled_elders_supported": "接受帮扶失能老年人数|失能帮扶人数",
    "eldercare_places": "养老服务场所数",
    "has_daycare": "是否有日间照料机构|日间照料",
    "has_home_service": "居家社区养老服务是否覆盖|居家养老服务覆盖",
    "has_home_institution": "是否有居家社区养老服务机构|居家养老服务机构",
    "svc_meal": "助餐服务|助餐",
    "svc_cleaning": "助洁服务|助洁",
    "svc_bathing": "助浴服务|助浴",
    "svc_mobility": "助行服务|助行",
    "has_emergency_rescue": "紧急救援系统是否覆盖|紧急救援系统",
    "has_visit_system": "是否建立探访制度|探访制度",
    "three_society_linkage": "是否建立三社联动机制|三社联动",
    "facility_compliant": "养老服务设施配建是否达标|配建达标",
    "visiting_officers": "巡访专员人数",
    "rural_mutual_demo": "是否农村互助养老示范点",
    "age_friendly_demo": "是否全国示范性老年友好型社区",
}
COMMUNITY, VILLAGE = ("城市社区", "镇社区"), ("村",)
ANY = (*COMMUNITY, *VILLAGE)
# how many places have it at the end of 2020 … 2025: (kinds of place, Banan, Dazhou)
HAVING: dict[str, tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...]]] = {
    "has_daycare": (COMMUNITY, (108, 110, 113, 116, 118, 120), (445, 462, 488, 517, 548, 573)),
    "has_home_service": (ANY, (264, 273, 282, 289, 295, 300), (1608, 1752, 1890, 2016, 2124, 2208)),
    "has_home_institution": (ANY, (228, 240, 252, 264, 276, 285), (1680, 1776, 1896, 2016, 2112, 2190)),
    "four_services": (ANY, (300,) * 6, (1260, 1420, 1600, 1780, 1960, 2090)),
    "has_emergency_rescue": (ANY, (300,) * 6, (980, 1180, 1400, 1620, 1850, 2040)),
    "has_visit_system": (ANY, (300,) * 6, (1920, 2040, 2150, 2250, 2330, 2400)),
    "three_society_linkage": (ANY, (180, 203, 227, 252, 274, 290), (720, 900, 1120, 1360, 1600, 1800)),
    "facility_compliant": (COMMUNITY, (62, 68, 75, 83, 90, 97), (270, 300, 335, 372, 410, 445)),
    "rural_mutual_demo": (VILLAGE, (4, 6, 9, 12, 15, 18), (12, 20, 31, 45, 60, 78)),
    "age_friendly_demo": (COMMUNITY, (0, 2, 4, 6, 8, 10), (0, 3, 6, 9, 12, 15)),
}
PERSONS_PER_HOUSEHOLD = 2.6
SUPPORTED = {BANAN: (1.0,) * 6, DAZHOU: (0.62, 0.68, 0.75, 0.81, 0.87, 0.92)}  # share of disabled elders helped
FORMATS = dict(zip(YEARS, ("xlsx", "csv", "parquet", "xlsx", "parquet", "csv"), strict=True))


def people(area: str, year: int, first_band: int) -> dict[str, int]:
    """Place → residents from the given band on: the county's figure apportioned, communities larger than villages."""
    share: dict[str, int] = {}
    for county in sorted({place.county for place in places(area)}):
        here = [place for place in places(area) if place.county == county]
        total = sum(sum(bands[first_band:]) for bands in residents(year)[county].values())
        base = {"城市社区": 700, "镇社区": 300, "村": 110}
        weights = [base[place.kind] * (0.6 + below(801, "size", place.code) / 1000) for place in here]
        share |= dict(zip((place.code for place in here), apportion(total, weights), strict=True))
    return share


def has(place: Place, what: str, area: str, index: int) -> bool:
    kinds, banan, dazhou = HAVING[what]
    count = (banan if area == BANAN else dazhou)[index]
    return place.kind in kinds and first_to_have(area, what, kinds)[place.code] < count


def record(place: Place, area: str, index: int, population: int, elders: int) -> dict[str, Cell]:
    disabled = round(elders * (0.03 + below(21, "disabled", place.code) / 1000))
    supported = disabled if area == BANAN else int(disabled * SUPPORTED[area][index])
    four = has(place, "four_services", area, index)
    partly = below(3, "some services", place.code)  # a place without all four has none, one or two of them
    flags = {what: has(place, what, area, index) for what in HAVING if what in FIELDS}
    village = place.kind == "村"
    return {
        "community_code": place.code,
        "community_name": place.name,
        "town_code": place.town,
        "county_code": place.county,
        "community_type": place.kind,
        "households": round(population / PERSONS_PER_HOUSEHOLD),
        "population": population,
        "elderly_60": elders,
        "disabled_elders": disabled,
        "disabled_elders_supported": supported,
        "eldercare_places": int(flags["has_daycare"]) + below(2, "places", place.code),
        **flags,
        "svc_meal": four or partly > 0,
        "svc_cleaning": four or partly > 1,
        "svc_bathing": four,
        "svc_mobility": four,
        "facility_compliant": "不适用" if village else flags["facility_compliant"],
        "visiting_officers": int(village and below(9, "officer", place.code) < 4 + index),
    }


def records(area: str, year: int) -> list[dict[str, Cell]]:
    """One row per place at the end of the year, by code."""
    population, elders = people(area, year, 0), people(area, year, BANDS.index("60-64"))
    index = year - YEARS[0]
    return [record(place, area, index, population[place.code], elders[place.code]) for place in places(area)]


def planted(area: str, year: int, found: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    if (area, year) == (DAZHOU, 2023):
        return [*found, found[0]]
    if (area, year) == (BANAN, 2024):
        return [{**found[0], "elderly_60": found[0]["population"] + 1}, *found[1:]]
    return found


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        rows = [cells(FIELDS, record) for record in planted(BANAN, year, records(BANAN, year))]
        yield Delivery(f"communities/{year}/{BANAN}.csv", headings(FIELDS), rows, bom=year % 2 == 0)
        rows = [cells(FIELDS, record) for record in planted(DAZHOU, year, records(DAZHOU, year))]
        kind = FORMATS[year]
        title = f"达州市社区（村）养老服务台账（{year}年末）" if kind == "xlsx" else None
        alias = int(kind == "xlsx")
        yield Delivery(f"communities/{year}/{DAZHOU}.{kind}", headings(FIELDS, alias), rows, title)
