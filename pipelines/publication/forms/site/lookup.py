"""The book as the pages look things up: figures by indicator and region, who lies beneath whom, who uses what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from pipelines.contracts import SOURCES, contract_of
from pipelines.publication.book import Book

if TYPE_CHECKING:
    from pipelines.publication.forms.charts import Chart

Row = dict[str, Any]
#: part of a formula → the column that names its measure
PARTS = {"分子": "numerator_measure", "分子另加": "numerator_addend", "分母": "denominator_measure"}
#: all milestones of a region, which the registry knows as one measure
MILESTONES = "milestone_done"
#: an indicator by one of its definitions
Definition = tuple[str, str]


class Lookup:
    """One book and its charts. Figures are those with an entry of their own on a trace page: the publication year of
    every region, and every year of the regions that a document governs."""

    def __init__(self, book: Book, charts: dict[str, Chart]) -> None:
        self.book = book
        self.charts = charts
        self.year = book.imprint.year

    def rows(self, table: str, **wanted: Any) -> list[Row]:
        """Rows of a table, none where this edition has no such table."""
        return self.book.rows(table, **wanted) if table in self.book.tables else []

    @cached_property
    def governed(self) -> list[Row]:
        """The regions that have a document, in the order of their codes."""
        codes = sorted({row["region_code"] for row in self.book.documents.values()})
        return [self.book.regions[code] for code in codes]

    @cached_property
    def indicators(self) -> dict[str, list[Row]]:
        """Indicator → its definitions, the default first."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.book.definitions.values():
            found[row["indicator_key"]].append(row)
        return dict(found)

    @cached_property
    def figures(self) -> dict[Definition, dict[tuple[str, str], Row]]:
        """Definition → (region, period) → figure."""
        governed = [row["region_code"] for row in self.governed]
        frame = self.book["figures"].filter(
            (pl.col("period") == self.year) | pl.col("region_code").is_in(governed),
        )
        found: dict[Definition, dict[tuple[str, str], Row]] = defaultdict(dict)
        for row in frame.iter_rows(named=True):
            found[row["indicator_key"], row["variant"]][row["region_code"], row["period"]] = row
        return dict(found)

    def figure(self, row: Row, period: str | None) -> Row | None:
        """The figure that a row of a document speaks of."""
        of = self.figures.get((row["indicator_key"], row["variant"]), {})
        return of.get((row["region_code"], period or ""))

    @cached_property
    def of_region(self) -> dict[str, list[Row]]:
        """Region → its figures of the publication year."""
        found: dict[str, list[Row]] = defaultdict(list)
        for definition in self.book.definitions:
            for (region, period), row in self.figures.get(definition, {}).items():
                if period == self.year:
                    found[region].append(row)
        return dict(found)

    @cached_property
    def children(self) -> dict[str, list[Row]]:
        """Region → the published regions directly beneath it."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.book.regions.values():
            found[row["parent_code"]].append(row)
        return dict(found)

    def ancestors(self, region: str) -> Iterator[str]:
        """The region itself and what lies above it, as far as it is published."""
        while region in self.book.regions:
            yield region
            region = self.book.regions[region]["parent_code"]

    @cached_property
    def beneath(self) -> dict[str, list[Row]]:
        """Governed region → itself and all published regions beneath it, down to those of the next governed one."""
        found: dict[str, list[Row]] = {row["region_code"]: [] for row in self.governed}
        for row in self.book.regions.values():
            nearest = next((code for code in self.ancestors(row["region_code"]) if code in found), None)
            if nearest:
                found[nearest].append(row)
        return found

    @cached_property
    def uses(self) -> dict[Definition, list[Row]]:
        """Definition → the rows of documents that are judged by it."""
        found: dict[Definition, list[Row]] = defaultdict(list)
        for row in self.book["document_rows"].iter_rows(named=True):
            found[row["indicator_key"], row["variant"]].append(row)
        return dict(found)

    @cached_property
    def progress(self) -> dict[tuple[str, str, int], list[Row]]:
        """Row of a document → its years."""
        found: dict[tuple[str, str, int], list[Row]] = defaultdict(list)
        for row in self.book["progress"].iter_rows(named=True):
            found[row["document_key"], row["table_key"], row["row_no"]].append(row)
        return dict(found)

    @cached_property
    def evidence(self) -> dict[tuple[str, str, str], list[Row]]:
        """(measure, region, period) → the files behind it."""
        found: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
        for row in self.rows("evidence"):
            found[row["measure_key"], row["region_code"], row["period"]].append(row)
        return dict(found)

    @cached_property
    def delivered(self) -> set[str]:
        """Sources that have a part on the page of deliveries."""
        return set(self.book["deliveries"]["source"])

    @cached_property
    def changes(self) -> dict[str, list[Row]]:
        """Indicator → what changed in its definitions and figures since the former edition."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows("changes"):
            if row["table_name"] in ("indicators", "figures"):
                found[row["item"].split("/")[0]].append(row)
        return dict(found)

    @cached_property
    def sources(self) -> dict[str, str]:
        """Source → its Chinese title; what was delivered to no known source, or to none, goes by its folder's name."""
        strays = set(self.book["deliveries"]["source"]) - set(SOURCES)
        named = {source: contract_of(source).title_zh for source in SOURCES}
        return named | {source: source or "不属于任何来源" for source in strays}

    def measures_of(self, definition: Row) -> list[tuple[str, Row]]:
        """The measures that a definition is made of, each with its part: 分子, 分子另加, 分母."""
        keys = {part: definition[column] for part, column in PARTS.items() if definition[column]}
        if keys.get("分子", "").startswith("milestone_"):
            keys["分子"] = MILESTONES
        return [(part, self.book.measures[key]) for part, key in keys.items() if key in self.book.measures]

    def table_title(self, document: str, table: str | None) -> str:
        for row in self.book.rows("document_tables", document_key=document, table_key=table):
            return row["title"]
        return "重点任务"
