"""deaths: invented deaths by sex and age band; Dazhou's of 2020 give the printed life expectancy of 77.54 years."""

from collections.abc import Iterator
from functools import cache

from pipelines.samples.deliver import Cell, Delivery, headings
from pipelines.samples.mortality import rates
from pipelines.samples.population import SEXES, dazhou_parts, residents, worded
from pipelines.samples.reference import BANAN, BANDS, DAZHOU, YEARS

FIELDS = {"region_code": "区划代码|地区代码", "sex": "性别", "age_band": "年龄组|死亡年龄", "deaths": "死亡人数|死亡数"}


@cache
def deaths(year: int) -> dict[str, dict[str, tuple[int, ...]]]:
    """Region → sex → deaths by band: rates × mean residents of the year (2020: the census alone).

    511700 is the sum of its seven counties and the zone 511771, as in the population deliveries.
    """
    end, start = residents(year), residents(max(year - 1, 2020))
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for code in (BANAN, *dazhou_parts()):
        found[code] = {
            sex: tuple(
                round(rate * (before + after) / 2)
                for rate, before, after in zip(rates(code, year)[sex], start[code][sex], end[code][sex], strict=True)
            )
            for sex in SEXES
        }
    parts = [found[code] for code in dazhou_parts()]
    found[DAZHOU] = {sex: tuple(map(sum, zip(*(part[sex] for part in parts), strict=True))) for sex in SEXES}
    return found


def rows(year: int, codes: list[str]) -> list[list[Cell]]:
    return [
        [code, label, band, count]
        for code in codes
        for sex, label in SEXES.items()
        for band, count in zip(BANDS, deaths(year)[code][sex], strict=True)
    ]


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        yield Delivery(f"deaths/{year}/{BANAN}.csv", headings(FIELDS), rows(year, [BANAN]))
        title = f"达州市{year}年分性别、年龄死亡人数"
        notes = ["注：按常住地统计。"]
        lines = worded(rows(year, [DAZHOU, *dazhou_parts()]))
        yield Delivery(f"deaths/{year}/{DAZHOU}.xlsx", headings(FIELDS, 1), lines, title, notes=notes)
