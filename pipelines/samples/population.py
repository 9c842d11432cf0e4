"""population: the censuses of 2010 and 2020 as counted, and invented resident and registered figures after them.

Later years carry each county forward by single years of age: births, the death rates of `mortality`, net migration.
"""

from collections.abc import Iterator
from functools import cache

from pipelines.samples.deliver import Cell, Delivery, headings
from pipelines.samples.mortality import rates
from pipelines.samples.reference import BANAN, BANDS, DAZHOU, YEARS, census

FIELDS = {
    "region_code": "区划代码|行政区划代码",
    "basis": "人口口径|口径",
    "ref_point": "时点|统计时点",
    "sex": "性别",
    "age_band": "年龄组|年龄段",
    "population": "人口数|人数",
}
SEXES = {"male": "男", "female": "女"}
SPANS = ((0, 1), (1, 5), *((age, age + 5) for age in range(5, 85, 5)), (85, 86))  # single ages of each band; 85 is open
ZONE = "511771"
# supplier → first digits of the codes it delivers, title; a workbook if it has a title
CENSUS_SUPPLIERS = {
    "410000": ("41", "河南省第七次全国人口普查分地区、性别、年龄人口"),
    "500000": ("50", "重庆市及巴南区第七次全国人口普查分性别、年龄人口"),
    "510000": ("510000", None),
    "520000": ("52", None),
    DAZHOU: ("5117", "达州市及所辖县（市、区）人口（普查常住、年末户籍）"),
}
BIRTHS_PER_WOMAN = {BANAN: 0.045, DAZHOU: 0.058}  # a year, women 20-39; falls 3 % a year
MIGRATION = {BANAN: (0.011, 0.0005), DAZHOU: (-0.0025, 0.0006)}  # net share a year at ages 15-44, and 45 on
# registered persons per resident, ages 0-14, 15-59, 60 on: Dazhou sends workers away, Banan receives them
REGISTERED = {BANAN: (0.86, 0.74, 0.93), DAZHOU: (1.11, 1.29, 1.05)}


@cache
def residents(year: int) -> dict[str, dict[str, tuple[int, ...]]]:
    """Region → sex → residents by band: the census for 2020, year ends after it; 511700 is the sum of its parts."""
    if year == 2020:
        return {code: census()[code] for code in (BANAN, *dazhou_parts(), DAZHOU)}
    banded = {
        code: {sex: tuple(round(sum(ages[low:high])) for low, high in SPANS) for sex, ages in people.items()}
        for code, people in single_ages(year).items()
    }
    parts = [banded[code] for code in dazhou_parts()]
    banded[DAZHOU] = {sex: tuple(map(sum, zip(*(part[sex] for part in parts), strict=True))) for sex in SEXES}
    return banded


def dazhou_parts() -> list[str]:
    return sorted(code for code in census() if code.startswith("5117") and code != DAZHOU)


@cache
def single_ages(year: int) -> dict[str, dict[str, list[float]]]:
    """Region → sex → persons aged 0 to 84, and 85 on; a band is spread evenly over its ages in 2020."""
    if year == 2020:
        return {code: {sex: spread(census()[code][sex]) for sex in SEXES} for code in (BANAN, *dazhou_parts())}
    return {code: one_year_older(people, code, year) for code, people in single_ages(year - 1).items()}


def spread(banded: tuple[int, ...]) -> list[float]:
    return [count / (high - low) for count, (low, high) in zip(banded, SPANS, strict=True) for _ in range(low, high)]


def one_year_older(people: dict[str, list[float]], code: str, year: int) -> dict[str, list[float]]:
    """The people of a region at the end of the year, from those at the end of the year before."""
    area = BANAN if code == BANAN else DAZHOU
    births = sum(people["female"][20:40]) * BIRTHS_PER_WOMAN[area] * 0.97 ** (year - 2021)
    young, old = MIGRATION[area]
    older = {}
    for sex, ages in people.items():
        banded = zip(rates(code, year)[sex], SPANS, strict=True)
        dying = [rate for rate, (low, high) in banded for _ in range(low, high)]
        moving = [0.0] * 15 + [young] * 30 + [old] * 41
        stay = [count * (1 - rate + net) for count, rate, net in zip(ages, dying, moving, strict=True)]
        born = births * (0.52 if sex == "male" else 0.48) * (1 - dying[0])
        older[sex] = [born, *stay[:84], stay[84] + stay[85]]
    return older


def registered(year: int) -> dict[str, dict[str, tuple[int, ...]]]:
    """Region → sex → registered persons by band at the end of the year."""
    found = {}
    for code, people in residents(year).items():
        if code != DAZHOU:
            child, adult, elder = REGISTERED[BANAN if code == BANAN else DAZHOU]
            ratios = [child if high <= 15 else adult if high <= 60 else elder for _, high in SPANS]
            found[code] = {
                sex: tuple(round(count * ratio) for count, ratio in zip(counts, ratios, strict=True))
                for sex, counts in people.items()
            }
    parts = [found[code] for code in dazhou_parts()]
    found[DAZHOU] = {sex: tuple(map(sum, zip(*(part[sex] for part in parts), strict=True))) for sex in SEXES}
    return found


def rows(people: dict[str, dict[str, tuple[int, ...]]], codes: list[str], basis: str, point: str) -> list[list[Cell]]:
    """Long form: region by region, men before women, youngest band first."""
    return [
        [code, basis, point, label, band, count]
        for code in codes
        for sex, label in SEXES.items()
        for band, count in zip(BANDS, people[code][sex], strict=True)
    ]


def worded(lines: list[list[Cell]]) -> list[list[Cell]]:
    """The bands in words, as departments write them: 0岁, 1-4岁, 85岁及以上."""
    return [[*head, f"{band}岁".replace("+岁", "岁及以上"), count] for *head, band, count in lines]


def deliveries() -> Iterator[Delivery]:
    for supplier in ("510000", DAZHOU):
        codes = sorted(code for code in census(2010) if code[:4] == supplier[:4])
        lines = rows(census(2010), codes, "常住", "普查")
        yield Delivery(f"population/2010/{supplier}.csv", headings(FIELDS), lines)
    for supplier, (prefix, title) in CENSUS_SUPPLIERS.items():
        codes = sorted(code for code in census() if code.startswith(prefix))
        lines = rows(census(), codes, "常住", "普查")
        lines += rows(registered(2020), [code for code in codes if code in registered(2020)], "户籍", "年末")
        if title:
            yield Delivery(f"population/2020/{supplier}.xlsx", headings(FIELDS, 1), worded(lines), title)
        else:
            yield Delivery(f"population/2020/{supplier}.csv", headings(FIELDS), lines)
    for year in YEARS[1:]:
        for supplier, codes in ((BANAN, [BANAN]), (DAZHOU, [DAZHOU, *dazhou_parts()])):
            lines = rows(residents(year), codes, "常住人口", "年末") + rows(registered(year), codes, "户籍人口", "年末")
            if supplier == DAZHOU and year % 2:
                title = f"达州市{year}年末人口（常住、户籍）"
                yield Delivery(f"population/{year}/{supplier}.xlsx", headings(FIELDS, 1), worded(lines), title)
            else:
                yield Delivery(f"population/{year}/{supplier}.csv", headings(FIELDS), lines, bom=supplier == BANAN)
