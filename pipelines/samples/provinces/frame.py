"""Where the provinces' invented rows stand, and which supplier delivers them in which format."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.places import is_street, towns
from pipelines.samples.reference import children, divisions, names

GUIZHOU, HENAN = "520000", "410000"
PROVINCES = (GUIZHOU, HENAN)
YEARS = range(2022, 2026)  # the documents are of 2022 and 2023
ZONE_DIGITS = ("6", "7")  # fifth digit of a zone without a national code
# Guizhou delivers as a province but for these prefectures; in Henan every prefecture delivers, and 济源 as a county
GUIZHOU_PREFECTURES = ("520100", "520300", "522600")
FORMATS = {"520100": "csv", "522600": "xlsx", "410100": "xlsx", "419001": "csv"}  # the others: Parquet


@cache
def units(province: str) -> tuple[str, ...]:
    """County-level units of the province in code order, zones among them."""
    return tuple(code for code in names() if len(code) == 6 and code[:2] == province[:2] and is_county(code))


@cache
def county_codes() -> frozenset[str]:
    return frozenset(division.code for division in divisions() if division.level == "county")


def is_county(code: str) -> bool:
    return code in county_codes()


@cache
def counties(province: str) -> tuple[str, ...]:
    """Counties of the province with a national code: 88 in Guizhou, 157 in Henan with 济源."""
    return tuple(code for code in units(province) if code[4] not in ZONE_DIGITS)


@cache
def prefectures(province: str) -> tuple[str, ...]:
    return tuple(division.code for division in children(province) if division.level == "prefecture")


def prefecture(county: str) -> str:
    return f"{county[:4]}00"


def supplier(county: str) -> str:
    """Who delivers the rows of a county."""
    own = prefecture(county)
    if county[:2] == GUIZHOU[:2]:
        return own if own in GUIZHOU_PREFECTURES else GUIZHOU
    return own if own in prefectures(HENAN) else county


@cache
def streets(county: str) -> tuple[str, ...]:
    """Codes of the streets; the first town where there is none."""
    found = tuple(code for code, name in towns(county).items() if is_street(name))
    return found or tuple(towns(county))[:1]


@cache
def townships(county: str) -> tuple[str, ...]:
    """Codes of towns and townships, stations of farms and parks left out; none in a district of streets only."""
    return tuple(code for code, name in towns(county).items() if name.endswith(("镇", "乡")))


def is_district(county: str) -> bool:
    """市辖区: a district of a city."""
    return names()[county].endswith("区") and not names()[county].endswith("特区")


def at(year: int, values: tuple[float, ...]) -> float:
    """The figure of the year, out of those for 2022 to 2025."""
    return values[year - YEARS[0]]


def files(
    source: str, period: str, province: str, fields: Mapping[str, str], records: Iterable[Mapping[str, Cell]]
) -> Iterator[Delivery]:
    """One file a supplier, in its own format, the rows of its counties in the order given; none is left out."""
    found: dict[str, list[Mapping[str, Cell]]] = {}
    for record in records:
        found.setdefault(supplier(str(record["county_code"])), []).append(record)
    for code in sorted(found):
        kind = FORMATS.get(code, "parquet")
        rows = [cells(fields, record) for record in found[code]]
        yield Delivery(f"{source}/{period}/{code}.{kind}", headings(fields), rows)
