"""Residents of both provinces at year ends from 2021: the census of 2020 carried on by six bands; invented."""

from collections.abc import Iterator
from functools import cache

from pipelines.samples.chance import below
from pipelines.samples.deliver import Cell, Delivery, headings
from pipelines.samples.population import FIELDS, SEXES
from pipelines.samples.provinces.frame import GUIZHOU, HENAN, PROVINCES, prefectures, units
from pipelines.samples.reference import BANDS, census

YEARS = range(2021, 2026)
# band: its first band of the census, its yearly factor; small children fewer, the old more each year
AGE_BANDS = {
    "0-4": ("0", 0.955),
    "5-14": ("5-9", 0.997),
    "15-59": ("15-19", 0.9975),
    "60-64": ("60-64", 1.035),
    "65-79": ("65-69", 1.022),
    "80+": ("80-84", 1.030),
}
JIYUAN = "419001"
RECODED = {"520522": "520581"}  # 黔西县 of the census is 黔西市 since 2021


@cache
def counted(province: str) -> dict[str, dict[str, tuple[int, ...]]]:
    """Unit → sex → residents by band of the census; 济源 is the province less its prefectures."""
    inside = set(units(province)) if province == GUIZHOU else set(prefectures(province))
    found = {RECODED.get(code, code): people for code, people in census().items()}
    found = {code: people for code, people in found.items() if code in inside}
    if province == HENAN:
        whole = census()[HENAN]
        found[JIYUAN] = {
            sex: tuple(
                total - sum(parts)
                for total, *parts in zip(whole[sex], *(people[sex] for people in found.values()), strict=True)
            )
            for sex in SEXES
        }
    return found


@cache
def residents(province: str, year: int) -> dict[str, dict[str, tuple[int, ...]]]:
    """Unit → sex → residents by six bands; the province is the sum.

    Units are the counties of Guizhou, the prefectures of Henan and 济源.
    """
    firsts = [BANDS.index(first) for first, _ in AGE_BANDS.values()]
    spans = list(zip(firsts, [*firsts[1:], len(BANDS)], strict=True))
    found: dict[str, dict[str, tuple[int, ...]]] = {}
    for code, people in counted(province).items():
        own = 0.998 + below(401, "growth", code) / 100_000  # units differ by up to 0.2 % either way
        found[code] = {
            sex: tuple(
                round(sum(people[sex][low:high]) * (factor * own) ** (year - 2020))
                for (low, high), (_, factor) in zip(spans, AGE_BANDS.values(), strict=True)
            )
            for sex in SEXES
        }
    found[province] = {
        sex: tuple(map(sum, zip(*(found[code][sex] for code in counted(province)), strict=True))) for sex in SEXES
    }
    return found


def total(code: str, year: int, first_band: int = 0) -> int:
    """Residents of a unit or province at the end of the year, from the given one of the six bands on."""
    people = residents(f"{code[:2]}0000", year)[code]
    return sum(sum(bands[first_band:]) for bands in people.values())


def deliveries() -> Iterator[Delivery]:
    for province in PROVINCES:
        for year in YEARS:
            rows: list[list[Cell]] = [
                [code, "常住", "年末", label, band, count]
                for code, people in sorted(residents(province, year).items())
                for sex, label in SEXES.items()
                for band, count in zip(AGE_BANDS, people[sex], strict=True)
            ]
            yield Delivery(f"population/{year}/{province}.parquet", headings(FIELDS), rows)
