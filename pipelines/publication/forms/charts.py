"""Charts of a book as SVG, each with words that say what it shows and the figures behind it.

Drawn: the trend of every indicator that a document speaks of, in the region that the document governs; the regions next
below compared; for provinces all counties as tiles; and per document its statuses. A chart of fewer than two figures is
not drawn. What is missing or hidden leaves a gap with its mark: it is never drawn as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html import escape
from typing import Any

import polars as pl
import vl_convert

from pipelines.publication import numbers, wording
from pipelines.publication.book import Book
from pipelines.publication.forms import chart_words
from pipelines.publication.forms.chart_marks import broken, is_said_below, marks, rules, shades, span
from pipelines.publication.forms.chart_specs import bars, filled, status, tiles, trend
from pipelines.publication.forms.chart_words import Subject
from pipelines.publication.forms.fonts import font_file, require_glyphs
from pipelines.publication.sentences import ASKING, BAD, GOOD

Row = dict[str, Any]


@dataclass(frozen=True)
class Chart:
    """`svg`: text stays text, set in Noto Sans SC; `alt_zh` also stands within it as its label."""

    name: str
    svg: str = field(repr=False)
    alt_zh: str
    alt_en: str
    data: pl.DataFrame = field(repr=False)


def charts(book: Book) -> dict[str, Chart]:
    """name → chart; names are 'trend-<indicator>-<variant>-<region>', 'regions-…', 'tiles-…', 'status-<document>'.

    About 30 ms a chart, nearly all of it Vega's.
    """
    return {chart.name: chart for kind in (_trends, _comparisons, _statuses) for chart in kind(book)}


def _trends(book: Book) -> Iterator[Chart]:
    years = _grouped(book["progress"], "document_key", "table_key", "row_no")
    for subject, rows in _subjects(book):
        asked = [row for row in rows if row["target_value"] is not None]
        lead = (asked or rows)[0]
        # rows that judge another quantity of the same indicator do not belong into one picture
        asked = [row for row in asked if row["compare_to"] == lead["compare_to"]]
        series = _every_year(years.get((lead["document_key"], lead["table_key"], lead["row_no"]), []))
        if sum(one["actual_value"] is not None for one in series) >= 2:
            yield _trend(book, subject.judged_by(lead), lead, asked, series)


def _every_year(series: list[Row]) -> list[Row]:
    """The series with a row for each year between its first and its last: a year without one is a gap to be seen."""
    known = {int(one["period"]): one for one in series}
    nothing = {"actual_value": None, "path_value": None, "obs_status": None}
    return (
        [known.get(year, {"period": str(year), **nothing}) for year in range(min(known), max(known) + 1)]
        if known
        else []
    )


def _trend(book: Book, subject: Subject, lead: Row, asked: list[Row], series: list[Row]) -> Chart:
    targets = list(dict.fromkeys((row["eval_operator"], row["target_value"], row["target_year"]) for row in asked))
    has_path = any(one["path_value"] is not None for one in series)
    last = str(lead["target_year"]) if has_path else series[-1]["period"]
    points = [
        {
            "period": one["period"],
            "value": one["actual_value"],
            "shown": numbers.shown(one["actual_value"], subject.decimals, one["obs_status"]),
            "path_value": one["path_value"],
            "obs_status": one["obs_status"],
        }
        for one in series
    ]
    # the path ends at the target, also while its year is still to come
    points += [
        {"period": str(year), "value": None, "shown": "", "path_value": None, "obs_status": None}
        for year in range(int(series[-1]["period"]) + 1, max([int(last), *(year for *_, year in targets if year)]) + 1)
    ]
    for point in points:
        if has_path and point["period"] == last:
            point["path_value"] = lead["target_value"]
    low, high = span(points, targets)
    drawn = [
        point
        | {
            "shown": "" if point["value"] is None else point["shown"],
            "gap": point["shown"] if point["value"] is None else "",
            "is_final": point["obs_status"] == "A",
            "is_below": is_said_below(points, at, targets, low, high),
        }
        for at, point in enumerate(points)
    ]
    key = ["● 实际值", *(["╌ 线性路径"] if has_path else []), *(["━ 目标"] if targets else []), *marks(points)]
    spec = filled(
        trend,
        subject.titled,
        "　".join((subject.place, *key)),
        {"years": drawn, "targets": rules(targets, low, high)},
        step=_step(subject),
        low=low,
        high=high,
    )
    said = chart_words.trend(subject, points, targets, lead["status"])
    behind = pl.DataFrame(points, infer_schema_length=None).drop("shown")
    return _chart(f"trend-{subject.key}-{subject.region_code}", spec, said, behind)


def _comparisons(book: Book) -> Iterator[Chart]:
    figures = book["figures"].filter(pl.col("period") == book.imprint.year)
    by_indicator = _grouped(figures, "indicator_key", "variant")
    for subject, _ in _subjects(book):
        known = {row["region_code"]: row for row in by_indicator.get((subject.indicator_key, subject.variant), ())}
        children = [row for code, row in known.items() if book.regions[code]["parent_code"] == subject.region_code]
        if _drawable(children):
            yield _regions(book, subject, children, known.get(subject.region_code))
        beneath = _counties(book, subject.region_code)
        counties = [known[code] for code in beneath if code in known]
        if book.regions[subject.region_code]["region_level"] == "province" and _drawable(counties):
            yield _tiles(book, subject, counties)


def _regions(book: Book, subject: Subject, children: list[Row], scope: Row | None) -> Chart:
    ranked = sorted(children, key=lambda row: (row["value"] is None, -(row["value"] or 0), row["region_code"]))
    names = [row["region_name"] for row in ranked]
    rows = [
        {
            "rank": rank,
            "name": name if names.count(name) == 1 else f"{name} {row['region_code']}",
            "value": row["value"],
            "shown": numbers.shown(row["value"], subject.decimals, row["obs_status"]),
            "why": numbers.meaning(row["obs_status"]) or numbers.NOTHING[1] if row["value"] is None else "",
        }
        for rank, (name, row) in enumerate(zip(names, ranked, strict=True))
    ]
    whole = [] if scope is None or scope["value"] is None else [scope]
    said_whole = [f"{row['region_name']} {_shown(row, subject)}" for row in whole]
    # a sum lies far beyond its parts: it is told, not drawn
    beside = [] if subject.is_sum else whole
    subtitle = "；".join((f"{book.imprint.year}年，各地由高到低", *([] if beside else said_whole)))
    scope_drawn = [{"value": row["value"], "said": said} for row, said in zip(beside, said_whole, strict=False)]
    spec = filled(bars, subject.titled, subtitle, {"rows": rows, "scope": scope_drawn}, step=_step(subject))
    said = chart_words.regions(subject, book.imprint.year, ranked, whole[0] if whole else None)
    return _chart(f"regions-{subject.key}-{subject.region_code}", spec, said, _behind([*whole, *ranked]))


def _tiles(book: Book, subject: Subject, counties: list[Row]) -> Chart:
    shade_of, said_shades = shades([row["value"] for row in counties if row["value"] is not None], subject)
    above = {book.regions[row["region_code"]]["parent_code"] for row in counties}
    parents = sorted(above, key=lambda code: (code == subject.region_code, code))
    placed: dict[str, int] = {}
    rows = []
    for row in sorted(counties, key=lambda row: row["region_code"]):
        parent = book.regions[row["region_code"]]["parent_code"]
        placed[parent] = placed.get(parent, 0) + 1
        rows.append(
            {
                "parent": "省直管" if parent == subject.region_code else book.regions[parent]["region_name"],
                "parent_order": parents.index(parent),
                "place": placed[parent],
                "name": broken(row["region_name"]),
                "shown": _shown(row, subject),
                "class": shade_of.get(row["value"]),
            }
        )
    spec = filled(
        tiles,
        subject.titled,
        f"{book.imprint.year}年，{subject.region_name}各县（市、区）；一行一市，按行政区划代码排列，不表示位置",
        {"rows": rows},
        classes=list(range(1, len(said_shades) + 1)),
        names=said_shades,
    )
    said = chart_words.tiles(subject, book.imprint.year, counties)
    return _chart(f"tiles-{subject.key}-{subject.region_code}", spec, said, _behind(counties))


def _statuses(book: Book) -> Iterator[Chart]:
    for key, document in book.documents.items():
        asked = [row["status"] for row in book.rows("document_rows", document_key=key) if row["row_kind"] in ASKING]
        counted = [(code, asked.count(code)) for code in wording.WORDS["status"] if code in asked]
        if not counted:
            continue
        rows = [
            {
                "rank": rank,
                "name": wording.zh("status", code),
                "rows": count,
                "is_good": code in GOOD if code in GOOD + BAD else None,
            }
            for rank, (code, count) in enumerate(counted)
        ]
        spec = filled(
            status,
            f"各项要求的结论（{book.imprint.year}年）",
            f"{document['region_name']}，共{len(asked)}项；数字为项数",
            {"rows": rows},
        )
        said = chart_words.statuses(document, book.imprint.year, counted)
        yield _chart(f"status-{key}", spec, said, pl.DataFrame(counted, schema=["status", "rows"], orient="row"))


def _subjects(book: Book) -> Iterator[tuple[Subject, list[Row]]]:
    """What documents speak of, once each, with their rows; milestones are done or not, which needs no chart."""
    rows = book["document_rows"].drop_nulls("indicator_key")
    for (indicator, variant, region), told in _grouped(rows, "indicator_key", "variant", "region_code").items():
        definition = book.definitions.get((indicator, variant))
        if definition and definition["kind"] != "milestone":
            yield Subject.of(definition, book.regions[region]), told


def _counties(book: Book, scope: str) -> list[str]:
    return [
        code
        for code, region in book.regions.items()
        if region["region_level"] == "county"
        and scope in (region["parent_code"], book.regions.get(region["parent_code"], {}).get("parent_code"))
    ]


def _grouped(frame: pl.DataFrame, *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in frame.iter_rows(named=True):
        groups.setdefault(tuple(row[key] for key in keys), []).append(row)
    return groups


def _drawable(rows: list[Row]) -> bool:
    return sum(row["value"] is not None for row in rows) >= 2


def _shown(row: Row, subject: Subject) -> str:
    return numbers.shown(row["value"], subject.decimals, row["obs_status"])


def _behind(rows: list[Row]) -> pl.DataFrame:
    columns = ("region_code", "region_name", "period", "value", "obs_status")
    return pl.DataFrame([{column: row[column] for column in columns} for row in rows], infer_schema_length=None)


def _step(subject: Subject) -> int:
    """The least step between ticks: counts have no halves."""
    return 0 if subject.decimals else 1


def _chart(name: str, spec: dict[str, Any], said: tuple[str, str], data: pl.DataFrame) -> Chart:
    _register_font()
    svg = vl_convert.vega_to_svg(spec, allowed_base_urls=[])
    require_glyphs(svg, *said)
    labelled = svg.replace("<svg ", f'<svg role="img" xml:lang="zh" aria-label="{escape(said[0])}" ', 1)
    return Chart(name, labelled, *said, data)


@cache
def _register_font() -> None:
    """Text is measured with the font it will be set in."""
    vl_convert.register_font_directory(str(font_file().parent))
