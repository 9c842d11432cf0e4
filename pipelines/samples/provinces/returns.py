"""Yearly returns of the departments of Guizhou and Henan; invented. The nation's bulletin shares of 2020; printed."""

from collections.abc import Iterator

from pipelines.samples.agency_returns import FIELDS
from pipelines.samples.chance import apportion, below, ranks
from pipelines.samples.deliver import Cell, Delivery, headings
from pipelines.samples.provinces import people
from pipelines.samples.provinces.frame import (
    FORMATS,
    GUIZHOU,
    HENAN,
    YEARS,
    at,
    counties,
    prefecture,
    prefectures,
    supplier,
)

CIVIL, LAND, MARKET = "民政厅", "自然资源厅", "市场监督管理局"
# item: (unit, department, the province's total at the end of, or in, 2022 … 2025), split over the counties
TOTALS: dict[str, dict[str, tuple[str, str, tuple[float, ...]]]] = {
    GUIZHOU: {
        "care_workforce_trained": ("人", "人力资源和社会保障厅", (9_640, 10_420, 10_980, 11_350)),
        "emergencies_total": ("起", "应急管理厅", (31, 28, 26, 22)),
        "emergencies_handled": ("起", "应急管理厅", (31, 28, 26, 22)),
        "special_equipment_in_use": ("台", MARKET, (2_900, 3_150, 3_420, 3_680)),
        "special_equipment_registered": ("台", MARKET, (2_580, 2_870, 3_180, 3_467)),
        "special_equipment_due": ("台", MARKET, (2_640, 2_880, 3_120, 3_360)),
        "special_equipment_inspected": ("台", MARKET, (2_440, 2_710, 2_980, 3_263)),
        "elder_land_area": ("平方米", LAND, (6_100_000, 6_350_000, 6_600_000, 6_850_000)),
        "community_elder_land_area": ("平方米", LAND, (3_050_000, 3_260_000, 3_450_000, 3_620_000)),
        "elders_basic_service": ("人", CIVIL, (4_620_000, 5_060_000, 5_480_000, 5_930_000)),
    },
    HENAN: {
        "elder_land_area": ("平方米", LAND, (8_900_000, 9_350_000, 9_800_000, 10_250_000)),
        "community_elder_land_area": ("平方米", LAND, (3_900_000, 4_150_000, 4_400_000, 4_650_000)),
    },
}
# item: (department, counties of Guizhou that have one, 2022 … 2025)
HAVING = {
    "training_bases": ("人力资源和社会保障厅", (4, 6, 8, 10)),
    "smart_pilot_units": ("工业和信息化厅", (3, 4, 6, 8)),
}
MARKETS = (4, 6, 7, 9)  # prefectures of Guizhou with a market for products for the elderly: in their first county
OWN_BASES = (2, 3, 4, 5)  # prefectures of Guizhou with a base of their own; the province has one
STANDARDS = (3, 6, 9, 11)
# 第七次全国人口普查公报（第五号）: shares of the nation, servicemen included
BULLETIN = {"published_60plus_share": 18.70, "published_65plus_share": 13.50}
OF_ELDERS = ("elders_basic_service",)
PART_OF = {
    "emergencies_handled": "emergencies_total",
    "special_equipment_registered": "special_equipment_in_use",
    "special_equipment_inspected": "special_equipment_due",
    "community_elder_land_area": "elder_land_area",
}


def split(province: str, item: str, year: int) -> dict[str, int]:
    """The province's total over its counties, slanted by the item's whole.

    Guizhou's by residents, those aged 60 and over where it counts elders; Henan's evenly.
    """
    inside = counties(province)
    whole = PART_OF.get(item, item)
    first_band = list(people.AGE_BANDS).index("60-64") if item in OF_ELDERS else 0
    weights = [
        (people.total(county, year, first_band) if province == GUIZHOU else 1)
        * (0.95 + below(101, whole, county) / 1000)
        for county in inside
    ]
    return dict(zip(inside, apportion(int(at(year, TOTALS[province][item][2])), weights), strict=True))


def county_rows(province: str, year: int) -> list[list[Cell]]:
    """Every item of every county, item by item."""
    found: list[list[Cell]] = []
    for item, (unit, department, _) in TOTALS[province].items():
        found += [[county, item, value, unit, department] for county, value in split(province, item, year).items()]
    if province == GUIZHOU:
        for item, (department, having) in HAVING.items():
            turn = ranks(counties(GUIZHOU), item)
            found += [
                [county, item, int(turn[county] < at(year, having)), "个", department] for county in counties(GUIZHOU)
            ]
        with_market = [code for code, turn in own().items() if turn < at(year, MARKETS)]
        chosen = {next(county for county in counties(GUIZHOU) if prefecture(county) == code) for code in with_market}
        found += [
            [county, "elderly_product_markets", int(county in chosen), "个", "商务厅"] for county in counties(GUIZHOU)
        ]
    return found


def own() -> dict[str, int]:
    """Prefecture of Guizhou → its turn in having a base and a market."""
    return ranks(prefectures(GUIZHOU), "prefecture")


def own_rows(year: int) -> list[list[Cell]]:
    """What Guizhou and its prefectures return of themselves."""
    bases: list[list[Cell]] = [[GUIZHOU, "training_bases_own", 1, "个", "人力资源和社会保障厅"]]
    bases += [
        [code, "training_bases_own", int(turn < at(year, OWN_BASES)), "个", "人力资源和社会保障局"]
        for code, turn in sorted(own().items())
    ]
    return [*bases, [GUIZHOU, "local_standards", int(at(year, STANDARDS)), "项", MARKET]]


def deliveries() -> Iterator[Delivery]:
    nation: list[list[Cell]] = [["000000", item, share, "%", "国家统计局"] for item, share in BULLETIN.items()]
    yield Delivery("agency_returns/2020/000000.csv", headings(FIELDS), nation)
    for province in (GUIZHOU, HENAN):
        for year in YEARS:
            rows = county_rows(province, year) + (own_rows(year) if province == GUIZHOU else [])
            found: dict[str, list[list[Cell]]] = {}
            for row in rows:
                code = str(row[0])
                found.setdefault(code if code in (GUIZHOU, HENAN) else supplier(code), []).append(row)
            for code in sorted(found):
                kind = FORMATS.get(code, "parquet")
                yield Delivery(f"agency_returns/{year}/{code}.{kind}", headings(FIELDS), found[code])
