"""Published values as cells of the workbook: text stays text, a number stays a number and carries its format.

Where a number is missing stands its mark in square brackets, in words, so that nothing hangs on a sign or a colour; a
flag (推算数) stands behind the number as part of its format, so the cell is still a number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pipelines.publication import numbers, wording
from pipelines.publication.book import COLUMNS


class Number(NamedTuple):
    """A number and its Excel number format."""

    value: float
    format: str


Cell = str | date | Number
Row = dict[str, Any]

#: a text that is not there: the document prints none, the register names none
NO_TEXT = "[无]"
NO_NUMBER = f"[{numbers.NOTHING[1]}]"
YES, NO = "是", "否"

#: shown with the places of their indicator
ROUNDED = {"value", "actual_value", "baseline_actual", "progress_projection", "gap_to_path", "extreme", "path_value"}
#: may carry a flag
FLAGGED = {"value", "actual_value"}
SHARES = {"achieved_share", "elapsed_share", "progress_linear"}
#: a year or a running number is not counted in thousands
ORDINAL = {"row_no", "other_row_no", "baseline_year", "target_year", "decimals", "revision"}
#: the registers' own ratios have no places of their own
PERCENT_PLACES, MOST_PLACES = 2, 4


def missing(row: Row) -> str:
    """What stands in place of a number that the row does not have."""
    status = row.get("obs_status")
    if status not in numbers.MARKS and row.get("conf_status") == "C":
        status = "Q"
    return f"[{numbers.meaning(status)}]" if status in numbers.MARKS else NO_NUMBER


def flagged(form: str, status: str | None) -> str:
    """The number format with the words of a flag behind the number."""
    return f'{form}" [{numbers.FLAGS[status][1]}]"' if status in numbers.FLAGS else form


def _plain_format(value: float) -> str:
    return numbers.number_format(min(len(numbers.plain(value).partition(".")[2]), MOST_PLACES))


def _rounded_format(value: float, row: Row, decimals: int | None) -> str:
    # beside its target a figure shows as many places as tell it from the target
    shown = numbers.against(value, decimals, row.get("target_value"))
    return numbers.number_format(len(shown.partition(".")[2]))


def _number(column: str, row: Row, decimals: int | None) -> Cell:
    value = row[column]
    if value is None:
        return missing(row)
    if column in ROUNDED:
        form = _rounded_format(value, row, decimals) if column in FLAGGED else numbers.number_format(decimals)
        return Number(value, flagged(form, row.get("obs_status")) if column in FLAGGED else form)
    if column in SHARES:
        return Number(value, "0.0%")
    if column in ORDINAL:
        return Number(value, "0")
    if COLUMNS[column].unit == "%" and not float(value).is_integer():
        return Number(value, numbers.number_format(PERCENT_PLACES))
    return Number(value, _plain_format(value))


def _text(column: str, row: Row, _: int | None) -> Cell:
    return NO_TEXT if row[column] is None else row[column]


def _code(column: str, row: Row, _: int | None) -> Cell:
    return NO_TEXT if row[column] is None else wording.zh(column, row[column])


def _boolean(column: str, row: Row, _: int | None) -> Cell:
    return NO_TEXT if row[column] is None else YES if row[column] else NO


def _date(column: str, row: Row, _: int | None) -> Cell:
    return NO_TEXT if row[column] is None else date.fromisoformat(row[column])


_KINDS: dict[str, Callable[[str, Row, int | None], Cell]] = {
    "text": _text,
    "code": _code,
    "boolean": _boolean,
    "date": _date,
    "integer": _number,
    "number": _number,
}


@dataclass(frozen=True)
class Heading:
    """A column of a sheet: what is printed above it, and the published column that fills it."""

    text: str
    column: str

    def cell(self, row: Row, decimals: int | None) -> Cell:
        """The row's cell in this column; `decimals` are the places of the row's indicator."""
        return _KINDS[COLUMNS[self.column].kind](self.column, row, decimals)


def heading(column: str, text: str = "") -> Heading:
    """A heading in the words of tables.yml, with its unit; or in other words, as a document prints them."""
    declared = COLUMNS[column]
    return Heading(text or declared.zh + (f"（{declared.unit}）" if declared.unit else ""), column)
