"""An invented country: provinces, prefectures, counties, towns; codes of the shape of GB/T 2260, names of nowhere.

The governed regions of the documents exist in it (their codes are read from the registry), so that their tables fill.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from benchmarks.invented.chance import apportioned, between, share, skew, starts
from benchmarks.invented.size import Size
from benchmarks.ledger_registers import Numbers
from pipelines.settings import PROJECT

#: first two digits of the provinces of the standard; those without prefectures
STANDARD = [*range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47), *range(50, 55), *range(61, 66), 71, 81]
MUNICIPALITIES = (11, 12, 31, 50)
NATION = "000000"
SINCE = date(2000, 1, 1)
FIRST, SECOND = "东南西北上下新古清安永宁平和长兴", "溪泉岭原湖桥林塘河坪湾谷洲陵浦岗"


def governed() -> list[str]:
    """Codes that a document governs, as the registry tells."""
    with (PROJECT / "dbt_project" / "seeds" / "documents.csv").open(encoding="utf-8-sig", newline="") as lines:
        return sorted({row["scope_region"] for row in csv.DictReader(lines)})


def names(numbers: Numbers, salt: int) -> pl.Series:
    """Invented names of two characters."""
    first, second = (pl.Series(list(letters)).gather(between(0, 15, numbers, salt, turn)) for turn, letters in
                     enumerate((FIRST, SECOND)))  # fmt: skip
    return first + second


class Territory:
    """Arrays by place: counties in the order of their provinces, towns in that of their counties."""

    def __init__(self, size: Size) -> None:
        self.size = size
        wanted = governed()
        first = sorted({int(code[:2]) for code in wanted})
        digits = [*first, *(code for code in STANDARD if code not in first)]
        self.provinces = digits[: max(len(first), min(len(digits), -(-size.counties // 100)))]
        self._wanted = wanted
        rows = [
            (province, prefecture, code, kind)
            for province, count in zip(self.provinces, self._counties_of_provinces(), strict=True)
            for prefecture, code, kind in self._counties(province, int(count))
        ]
        self.province = np.array([self.provinces.index(row[0]) for row in rows])
        self.above = [row[1] for row in rows]
        self.county_code = pl.Series([row[2] for row in rows])
        self.county_kind = [row[3] for row in rows]

    def _counties_of_provinces(self) -> Numbers:
        digits = np.array(self.provinces)
        weights = np.where(np.isin(digits, MUNICIPALITIES), 0.3, 1.0) * (0.6 + 0.8 * share(digits, 1))
        return apportioned(self.size.counties, weights, least=1)

    def _counties(self, province: int, count: int) -> Iterator[tuple[str, str, str]]:
        """(code above, code, kind); the governed prefecture and county come first."""
        if province in MUNICIPALITIES:
            yield from ((f"{province}0000", *self._numbered(f"{province}01", n, count)) for n in range(count))
            return
        prefectures = -(-count // 11)
        own = [int(code[2:4]) for code in self._wanted if code[:2] == str(province) and code[2:4] != "00"]
        numbers = [*own, *(n for n in range(1, 100) if n not in own)][:prefectures]
        for turn, number in enumerate(numbers):
            here = len(range(turn, count, prefectures))
            head = f"{province}{number:02}"
            yield from ((f"{head}00", *self._numbered(head, n, here)) for n in range(here))

    def _numbered(self, head: str, place: int, count: int) -> tuple[str, str]:
        """Code and kind: districts from 02 on, counties from 21, cities from 81."""
        own = [code for code in self._wanted if code[:4] == head and code[4:] != "00"]
        if place < len(own):
            return own[place], "市辖区"
        if (place < count * 2 // 5 and place < 18) or count > 40:
            taken = {int(code[4:]) for code in own}
            return f"{head}{[n for n in range(2, 99) if n not in taken][place - len(own)]:02}", "市辖区"
        return (f"{head}{21 + place:02}", "县") if place % 6 else (f"{head}{81 + place // 6:02}", "县级市")

    # arrays

    @cached_property
    def supplier(self) -> pl.Series:
        """Who delivers for each county: its province."""
        return pl.Series([f"{digits}0000" for digits in self.provinces]).gather(self.province)

    @cached_property
    def prefecture_code(self) -> list[str]:
        """Every prefecture, in the order of its counties."""
        return [code for code in dict.fromkeys(self.above) if not code.endswith("0000")]

    @cached_property
    def county(self) -> Numbers:
        """Numbers of the counties, by their code: a county draws the same however many stand beside it."""
        return self.county_code.cast(pl.Int64).to_numpy()

    @cached_property
    def weight(self) -> np.ndarray:
        """How large a county is; 1 is common."""
        return skew(self.county, 2)

    @cached_property
    def towns_of_county(self) -> Numbers:
        return apportioned(self.size.towns, np.sqrt(self.weight), least=1)

    @cached_property
    def first_town(self) -> Numbers:
        return starts(self.towns_of_county)

    @cached_property
    def town_county(self) -> Numbers:
        """Place of each town's county."""
        return np.repeat(np.arange(len(self.county)), self.towns_of_county)

    @cached_property
    def town(self) -> Numbers:
        """Numbers of the towns: their codes."""
        order = np.arange(len(self.town_county)) - self.first_town[self.town_county]
        streets = np.ceil(self.towns_of_county * 0.3).astype(np.int64)[self.town_county]
        return self.county[self.town_county] * 1000 + np.where(order < streets, 1 + order, 100 + order)

    @cached_property
    def town_code(self) -> pl.Series:
        return pl.Series(self.town).cast(pl.String)

    @cached_property
    def is_street(self) -> np.ndarray:
        return self.town % 1000 < 100

    @cached_property
    def communities_of_town(self) -> Numbers:
        return apportioned(self.size.communities, skew(self.town, 3, spread=0.4), least=1)

    @cached_property
    def first_community(self) -> Numbers:
        return starts(self.communities_of_town)

    def community_code(self, town: Numbers, order: Numbers) -> pl.Series:
        """Codes of the communities by town and place in it; the register of regions ends at the towns."""
        return pl.Series(self.town[town] * 1000 + 1 + order).cast(pl.String)

    def register(self) -> pl.DataFrame:
        """The delivered register of regions: the nation's file."""
        parts = [
            self._level([NATION], ["全国"], "全国", [NATION]),
            self._level([f"{d}0000" for d in self.provinces],
                        [name + ("市" if d in MUNICIPALITIES else "省")
                         for d, name in zip(self.provinces, names(np.array(self.provinces), 4), strict=True)],
                        "省级", [NATION] * len(self.provinces)),
            self._level(self.prefecture_code, names(np.array(self.prefecture_code, dtype=np.int64), 5) + "市",
                        "地级", [f"{code[:2]}0000" for code in self.prefecture_code]),
            self._level(self.county_code, names(self.county, 6) + pl.Series(self.county_kind).str.slice(-1), "县级",
                        self.above, county_kind=self.county_kind),
            self._town_rows(),
        ]  # fmt: skip
        return pl.concat(parts).with_columns(pl.lit(NATION).alias("supplier"))

    def _town_rows(self) -> pl.DataFrame:
        kind = np.where(self.is_street, "街道", np.where(share(self.town, 7) < 0.7, "镇", "乡"))
        return self._level(self.town_code, names(self.town, 8) + pl.Series(kind), "乡级",
                           self.county_code.gather(self.town_county), town_kind=kind)  # fmt: skip

    def _level(
        self,
        codes: object,
        called: object,
        level: str,
        above: object,
        county_kind: object = None,
        town_kind: object = None,
    ) -> pl.DataFrame:
        none = [""] * len(codes)
        return pl.DataFrame(
            {
                "region_code": codes,
                "region_name": called,
                "level": [level] * len(none),
                "parent_code": above,
                "county_kind": none if county_kind is None else county_kind,
                "town_kind": none if town_kind is None else town_kind,
                "gbt2260": [True] * len(none),
                "reports_separately": [False] * len(none),
                "valid_from": [SINCE] * len(none),
            }
        )
