"""Where a page, a row or a figure stands, and figures as links to where they come from."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup, escape

from pipelines.publication import numbers
from pipelines.publication.book import COLUMNS, TABLES
from pipelines.publication.sentences import Cell, Sentence

from .lookup import Lookup, Row

_TOLD = Markup('{}<span class="vh">{}</span>')


def anchor(row: Row, period: str | None = None) -> str:
    """The entry of a figure on its indicator's trace page: 'default.<region>.2025'."""
    return f"{row['variant']}.{row['region_code']}.{period or row['period']}"


def told(text: str, status: str | None) -> Markup:
    """A figure with its mark or flag in words, for those who hear the page."""
    meaning = numbers.meaning(status)
    return _TOLD.format(raised(text, status), meaning) if meaning else escape(text)


def raised(text: str, status: str | None) -> Markup:
    """A figure with the letter of its flag raised."""
    flag = numbers.FLAGS.get(status or "", ("",))[0]
    if not flag or not text.endswith(flag):
        return escape(text)
    return Markup("{}<sup>{}</sup>").format(text.removesuffix(flag).rstrip(), flag)


def _link(href: str, text: str, more: str = "") -> Markup:
    """A figure as a link; written out, for a site has hundreds of thousands and Markup.format is slow."""
    return Markup(f'<a class="f"{more} href="{escape(href)}">{escape(text)}</a>')


class Links:
    """Links from a page that lies `root` ('' or '../') below the site's root."""

    def __init__(self, look: Lookup, root: str) -> None:
        self.look = look
        self.root = root

    def indicator(self, key: str, variant: str | None = None) -> str:
        return f"{self.root}indicators/{key}.html" + (f"#{variant}" if variant else "")

    def document(self, document: str, table: str | None = None, row_no: int | None = None) -> str:
        tail = "" if row_no is None else f"#{table or 'tasks'}.{row_no}"
        return f"{self.root}documents/{document}.html{tail}"

    def region(self, code: str) -> str:
        return f"{self.root}regions/{code}.html"

    def delivery(self, path: str) -> str:
        return f"{self.root}deliveries.html#{path}"

    def programme(self, row: Row) -> str:
        return f"{self.root}trace/programmes.html#{row['programme_code']}.{row['region_code']}.{row['period']}"

    def trace(self, row: Row, period: str | None = None) -> str:
        """Where a figure comes from; empty where it has no entry (rule parameters have no figures)."""
        period = period or row.get("period")
        if self.look.figure(row, period) is None:
            return ""
        return f"{self.root}trace/{row['indicator_key']}.html#{anchor(row, period)}"

    def figure(self, row: Row, column: str = "value") -> Markup:
        """A figure of the table `figures`, as a link to where it comes from."""
        return self._linked(numbers.shown(row[column], row["decimals"], row["obs_status"]), row, row["obs_status"])

    def quantity(self, row: Row, column: str) -> Markup:
        """A numerator, denominator or extreme with the link of its figure; the keyboard stops at the figure alone."""
        if row[column] is None:
            text = numbers.shown(None, 0, row["obs_status"])
        else:
            text = numbers.shown(row[column], row["decimals"]) if column == "extreme" else numbers.plain(row[column])
        return _link(self.trace(row), text, ' tabindex="-1"')

    def actual(self, row: Row) -> Markup:
        """The year's figure of a row of a document, beside its target."""
        text = numbers.against(row["actual_value"], row["decimals"], row["target_value"], row["obs_status"])
        return self._linked(text, row, row["obs_status"], row["actual_period"])

    def baseline(self, row: Row) -> Markup:
        """The recomputed baseline of a row of a document."""
        if row["baseline_period"] is None:
            return Markup(numbers.NOTHING[0])
        return self._linked(numbers.shown(row["baseline_actual"], row["decimals"]), row, None, row["baseline_period"])

    def yearly(self, row: Row, decimals: int | None) -> Markup:
        """One year of a row of a document (table `progress`)."""
        return self._linked(numbers.shown(row["actual_value"], decimals, row["obs_status"]), row, row["obs_status"])

    def paid(self, row: Row, column: str) -> Markup:
        """An amount or a count of subsidies and funds."""
        hidden = row[column] is None and row.get("conf_status") == "C"
        status = "Q" if hidden else row.get("obs_status")
        # money to the fen, counts as counted
        text = numbers.shown(row[column], 2 if COLUMNS[column].unit == "元" else 0, status)
        return _link(self.programme(row), told(text, status))

    def share(self, row: Row) -> Markup:
        """A fund's share, as a percentage with two places."""
        text = numbers.shown(row["share_percent"], 2, row["obs_status"])
        return _link(self.programme(row), told(text, row["obs_status"]))

    def shared(self, row: Row) -> Markup:
        """The figure of a row of the crosswalk."""
        text = numbers.shown(row["actual_value"], row["decimals"], row["obs_status"])
        return self._linked(text, row, row["obs_status"], row["actual_period"])

    def changed(self, row: Row, value: str | None) -> Markup:
        """An old or a new value; one of a figure that this edition still shows links to where that comes from."""
        href = ""
        if row["table_name"] == "figures":
            href = self.trace(dict(zip(TABLES["figures"].key, row["item"].split("/"), strict=True)))
        return _link(href, value) if href and value else escape(value or "")

    def sentence(self, sentence: Sentence, language: str) -> Markup:
        """A sentence whose figures link to where they come from, or to the row they stand in."""
        parts = sentence.zh_parts if language == "zh" else sentence.en_parts
        return Markup("").join(self._said(part) if isinstance(part, Cell) else escape(part) for part in parts)

    def _said(self, cell: Cell) -> Markup:
        kind, document, table, what, *column = cell.source.split("/")
        if kind == "count":
            return Markup("<b>{}</b>").format(cell.text)
        row: Row = self.look.book.rows("document_rows", document_key=document, table_key=table, row_no=int(what))[0]
        href = self.document(document, table, row["row_no"])
        if column[0] in ("actual_value", "change"):
            href = self.trace(row, row["actual_period"]) or href
        return Markup('<a class="f" href="{}"><b>{}</b></a>').format(href, cell.text)

    def _linked(self, text: str, row: Row, status: Any, period: str | None = None) -> Markup:
        href = self.trace(row, period)
        return _link(href, told(text, status)) if href else told(text, status)
