"""A sheet searched by regular expressions and the same sheet parsed tag by tag give the same marks."""

import io
import zipfile

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.landing import sheet_marks
from pipelines.landing.workbook_parts import read_parts
from tests.handmade_workbook import book, sheet

VALUES = ("0", "1", "0.5", "5.11702199001011E+17", "511702199001011234", "1E-7", "-123456789012345", "12345678901234")
FORMULAS = (
    "",
    "<f>A1</f>",
    '<f t="shared" si="0"/>',
    '<f t="shared" ref="A1:B2" si="0">A1*2</f>',
    "\n<f>A1&lt;2</f>\n",
)


@st.composite
def cells(draw):
    """One cell after its place: style, type, formula, value."""
    style = draw(st.sampled_from(["", ' s="1"', ' s="2"', ' s="3"']))
    kind, values = draw(
        st.sampled_from(
            [("", VALUES), (' t="n"', VALUES), (' t="b"', ("0", "1")), (' t="str"', ("甲:c 乙", *VALUES)),
             (' t="e"', ("#N/A", "#REF!"))]
        )
    )  # fmt: skip
    formula = draw(st.sampled_from(FORMULAS))
    empty = ["", "<v></v>", "<v/>"] if formula else [""]
    value = draw(st.sampled_from([*empty, *[f"<v>{value}</v>" for value in values]]))
    if not value and not formula and draw(st.booleans()):
        return f"{style}{kind}/>"
    return f"{style}{kind}>{formula}{value}</c>"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(0, 3), cells()), max_size=4), max_size=6))
def test_both_ways_find_the_same(rows):
    written, places = [], "ABYZ"
    for number, row in enumerate(rows, start=1):
        placed = dict(row)
        text = "".join(f'<c r="{places[place]}{number}"{placed[place]}' for place in sorted(placed))
        written.append(f'<row r="{number}" spans="1:4">{text}</row>')
    content = book(sheet("\n".join(written), '<cols><col min="1" max="2"/></cols>'))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = read_parts(archive)
        (page,) = parts.worksheets
        parsed = sheet_marks._parsed(archive, page, parts.percent_styles)
        try:
            searched = sheet_marks._searched(archive, page, parts.percent_styles)
        except sheet_marks._OtherwiseWritten:
            assert "甲:c 乙" in "".join(written)
            return
    assert sorted(searched.rows()) == sorted(parsed.rows())
