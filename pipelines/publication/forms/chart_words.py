"""What a chart says, in words for those who do not see it: first and last, lowest and highest, the target, the gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipelines.publication import numbers, wording

Row = dict[str, Any]
Said = tuple[str, str]

SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}


@dataclass(frozen=True)
class Subject:
    """An indicator in the region whose document speaks of it; `unit` and `decimals` are those of what is drawn."""

    indicator_key: str
    variant: str
    name: str
    name_en: str
    unit: str
    decimals: int
    unit_of_extreme: str
    extreme_kind: str
    region_code: str
    region_name: str
    #: a region's figure is the sum of its parts'
    is_sum: bool
    of_extreme: bool = False

    @classmethod
    def of(cls, definition: Row, region: Row) -> Subject:
        return cls(
            indicator_key=definition["indicator_key"],
            variant=definition["variant"],
            name=definition["indicator_name"],
            name_en=definition["indicator_name_en"] or definition["indicator_key"],
            unit=definition["unit"] or "",
            decimals=definition["decimals"] or 0,
            unit_of_extreme=definition["unit_of_extreme"] or "",
            extreme_kind=definition["extreme_kind"] or "",
            region_code=region["region_code"],
            region_name=region["region_name"],
            is_sum=definition["kind"] in ("count", "amount"),
        )

    def judged_by(self, row: Row) -> Subject:
        """The same, where a document compares its limit with the weakest unit and not with the share of units."""
        if row["compare_to"] != "extreme":
            return self
        return replace(self, of_extreme=True, unit=self.unit_of_extreme, decimals=row["decimals"] or 0)

    @property
    def key(self) -> str:
        return f"{self.indicator_key}-{self.variant}"

    @property
    def titled(self) -> str:
        return f"{self.name}（{self.unit}）" if self.unit else self.name

    @property
    def place(self) -> str:
        if not self.of_extreme:
            return self.region_name
        return f"{self.region_name}，各单位中{'最高' if self.extreme_kind == 'max' else '最低'}的"

    @property
    def titled_en(self) -> str:
        extreme = f", {'highest' if self.extreme_kind == 'max' else 'lowest'} of the units" if self.of_extreme else ""
        return f"{self.name_en} ({self.unit}){extreme}, {self.region_name}"


def target(operator: str | None, value: float, year: int | None) -> str:
    """'目标≥95（2025年）'; a standing demand has no year."""
    return f"目标{SIGNS.get(operator or '', '')}{numbers.plain(value)}" + (f"（{year}年）" if year else "")


def trend(
    subject: Subject, points: Sequence[Row], targets: Sequence[tuple[str | None, float, int | None]], status: str
) -> Said:
    known = [point for point in points if point["value"] is not None]
    first, last = known[0], known[-1]
    low, high = min(known, key=lambda one: one["value"]), max(known, key=lambda one: one["value"])
    zh = [
        f"折线图：{subject.place}{subject.titled}，{first['period']}年{first['shown']}，{last['period']}年{last['shown']}",
        f"最低{low['shown']}（{low['period']}年），最高{high['shown']}（{high['period']}年）",
    ]
    en = [
        f"Line chart: {subject.titled_en}: {first['shown']} in {first['period']}, {last['shown']} in {last['period']}",
        f"lowest {low['shown']} ({low['period']}), highest {high['shown']} ({high['period']})",
    ]
    if targets:
        zh.append("，".join((*(target(*one) for one in targets), wording.zh("status", status))))
        en.append(", ".join((*(_target_en(*one) for one in targets), wording.en("status", status).lower())))
    # a year still to come shows nothing, not even a mark
    gaps = [point for point in points if point["value"] is None and point["shown"]]
    for obs_status in dict.fromkeys(point["obs_status"] for point in gaps):
        years = [point["period"] for point in gaps if point["obs_status"] == obs_status]
        zh.append(f"{'、'.join(years)}年{numbers.meaning(obs_status) or numbers.NOTHING[1]}")
        en.append(f"{', '.join(years)}: {wording.en('obs_status', obs_status).lower() or 'no figure'}")
    return _ended(zh, en)


def regions(subject: Subject, year: str, ranked: Sequence[Row], scope: Row | None) -> Said:
    """`ranked`: highest first, what has no figure last."""
    zh, en = _extremes(subject, ranked)
    zh[0] = f"条形图：{subject.region_name}各地{subject.titled}，{year}年，{zh[0]}"
    en[0] = f"Bar chart: {subject.titled_en}, by region, {year}: {en[0]}"
    if scope is not None:
        shown = numbers.shown(scope["value"], subject.decimals, scope["obs_status"])
        zh.append(f"{scope['region_name']}为{shown}")
        en.append(f"{scope['region_name']} as a whole {shown}")
    return _ended(zh, en)


def tiles(subject: Subject, year: str, counties: Sequence[Row]) -> Said:
    zh, en = _extremes(subject, counties)
    zh[0] = f"瓦片图：{subject.region_name}各县（市、区）{subject.titled}，{year}年，{zh[0]}"
    en[0] = f"Tile chart: {subject.titled_en}, by county, {year}: {en[0]}"
    zh.append("一行为一市，按行政区划代码排列，不表示地理位置；颜色越深数值越大，瓦片内印有数值")
    en.append(
        "a row is a prefecture, tiles stand in the order of codes, not on a map; darker is higher, figures in tiles"
    )
    return _ended(zh, en)


def statuses(document: Row, year: str, counted: Sequence[tuple[str, int]]) -> Said:
    total = sum(count for _, count in counted)
    zh = "，".join(f"{wording.zh('status', code)}{count}项" for code, count in counted)
    en = ", ".join(f"{wording.en('status', code).lower()} {count}" for code, count in counted)
    return (
        f"条形图：{document['region_name']}《{document['title']}》{year}年各项要求的结论，共{total}项：{zh}。",
        f"Bar chart: verdicts on the {total} demands of the document of {document['region_name']}, {year}: {en}.",
    )


def _extremes(subject: Subject, rows: Sequence[Row]) -> tuple[list[str], list[str]]:
    known = sorted(
        (row for row in rows if row["value"] is not None), key=lambda row: (-row["value"], row["region_code"])
    )
    high, low = known[0], known[-1]
    top, bottom = (numbers.shown(row["value"], subject.decimals, row["obs_status"]) for row in (high, low))
    zh = [f"{len(known)}地有数", f"最高{high['region_name']}{top}，最低{low['region_name']}{bottom}"]
    en = [f"{len(known)} with a figure", f"highest {high['region_name']} {top}, lowest {low['region_name']} {bottom}"]
    if top == bottom:
        zh[1], en[1] = f"各地均为{top}", f"all {top}"
    for status in dict.fromkeys(row["obs_status"] for row in rows if row["value"] is None):
        count = sum(row["value"] is None and row["obs_status"] == status for row in rows)
        zh.append(f"{count}地{numbers.meaning(status) or numbers.NOTHING[1]}")
        en.append(f"{count} {wording.en('obs_status', status).lower() or 'without a figure'}")
    return zh, en


def _target_en(operator: str | None, value: float, year: int | None) -> str:
    return f"target {SIGNS.get(operator or '', '')} {numbers.plain(value)}" + (f" by {year}" if year else "")


def _ended(zh: list[str], en: list[str]) -> Said:
    return "；".join(zh) + "。", "; ".join(en) + "."
