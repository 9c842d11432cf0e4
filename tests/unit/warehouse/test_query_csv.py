"""What `carestat query --format csv` writes is data in every spreadsheet: no text of a supplier runs as a formula."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest

from pipelines.warehouse.result_forms import as_csv


def written(cell):
    """The cell as a reader of the CSV gets it back."""
    [[name], [text]] = csv.reader(io.StringIO(as_csv(["name"], [(cell,)]), newline=""))
    assert name == "name"
    return text


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://x","y")',
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-1+1",
        "-2+3+cmd|' /C calc'!A0",
        "--1",
        "@SUM(A1)",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠SUM(A1)",
        "+",
        "=",
        "-1 ",
        "+8618523456789x",
    ],
)
def test_a_text_like_a_formula_begins_with_an_apostrophe(text):
    assert written(text) == f"'{text}"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (-1, "-1"),
        (-0.65, "-0.65"),
        (Decimal("-1.50"), "-1.50"),
        (None, ""),
        (False, "False"),
        (date(2024, 3, 5), "2024-03-05"),
        ("-0.65", "-0.65"),
        ("+3.5%", "+3.5%"),
        ("-", "-"),
        ("—", "—"),
        ("", ""),
        ("'=1", "'=1"),
        ("一老", "一老"),
        ("a=b", "a=b"),
        ("≥55", "≥55"),
        ("[1]", "[1]"),
    ],
)
def test_everything_else_stays_as_it_is(cell, text):
    assert written(cell) == text


@pytest.mark.parametrize("text", ["a\r=1+1", "a\n=1+1", "a\r\n=1+1", '"\r=1', "a,b"])
def test_no_text_breaks_its_line(text):
    assert list(csv.reader(io.StringIO(as_csv(["a", "b"], [(text, 2)]), newline=""))) == [["a", "b"], [text, "2"]]
    assert as_csv(["a"], [(text,)]).startswith('a\n"')


def test_names_of_columns_are_texts_too():
    assert as_csv(["=1+1", "b"], []) == "'=1+1,b\n"
