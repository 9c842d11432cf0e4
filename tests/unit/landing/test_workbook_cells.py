"""What a worksheet's cells become as text, and which row each stands in."""

import io
from datetime import date

import pytest
import xlsxwriter

from pipelines.landing import memory
from pipelines.landing.workbook import read_sheets
from tests.handmade_workbook import MAIN, book, sheet


def row(cells, number=1):
    return f'<row r="{number}">{cells}</row>'


def read(content):
    """Texts by sheet."""
    return {grid.sheet: grid.cells.rows() for grid in read_sheets(content)}


def one(cells, **options):
    """Texts of one row."""
    ((texts,),) = read(book(sheet(row(cells)), **options)).values()
    return texts


@pytest.fixture
def written():
    """A workbook as a spreadsheet program writes it: one row of (value, number format)."""

    def write(*cells):
        target = io.BytesIO()
        workbook = xlsxwriter.Workbook(target)
        page = workbook.add_worksheet("数据")
        for column, (value, number_format) in enumerate(cells):
            page.write(0, column, value, workbook.add_format({"num_format": number_format}) if number_format else None)
        workbook.close()
        return read(target.getvalue())["数据"][0]

    return write


def test_numbers_are_written_out_without_binary_dust(written):
    assert written((0.1 + 0.2, None), (511702001.0, None), (-5, None), (1e-7, None), (1234.5, "#,##0.00")) == (
        "0.3", "511702001", "-5", "0.0000001", "1234.5",
    )  # fmt: skip
    assert one('<c r="A1"><v>0.30000000000000004</v></c>') == ("0.3",)


def test_numbers_of_fifteen_digits_and_more_are_told_from_text(written):
    assert written(
        (511702199001011234, None), ("511702199001011234", None), (123456789012345, None), (12345678901234, None)
    ) == ("5.11702199001011328E+17", "511702199001011234", "1.23456789012345E+14", "12345678901234")
    cells = '<c r="A1"><v>5.11702199001011E+17</v></c><c r="B1" t="str"><f>A1&amp;""</f><v>511702199001011234</v></c>'
    assert one(cells) == ("5.11702199001011008E+17", "511702199001011234")


def test_percentages_are_multiplied_in_decimal_arithmetic(written):
    assert written((0.855, "0.0%"), (0.07, "0%"), (0.285, "0.00%"), (1, "0%"), (0, "0%"), (-0.5, "0%;[Red]-0%")) == (
        "85.5%", "7%", "28.5%", "100%", "0%", "-50%",
    )  # fmt: skip
    assert one('<c r="A1" s="2"><f>1/8</f><v>0.125</v></c><c r="B1" s="2"><v>1E-3</v></c>') == ("12.5%", "0.1%")


def test_only_numbers_shown_in_percent_are_multiplied(written):
    assert written(("85.5%", "0.0%"), (0.855, None), (85.5, '0.0"%"'), (85.5, "0.0\\%")) == (
        "85.5%", "0.855", "85.5", "85.5",
    )  # fmt: skip
    # the style of style sheets (cellStyleXfs) is not the style of cells
    assert one('<c r="A1" s="0"><v>0.5</v></c><c r="B1" s="3"><v>85</v></c>') == ("0.5", "85")


def test_truth_errors_and_formulas():
    cells = (
        '<c r="A1" t="b"><v>1</v></c><c r="B1" t="b"><f>1&gt;2</f><v>0</v></c><c r="C1" t="e"><v>#DIV/0!</v></c>'
        '<c r="D1" t="e"><f>NA()</f><v>#N/A</v></c><c r="E1"><f>1+1</f><v>2</v></c><c r="F1"><f>1+1</f></c>'
        '<c r="G1"><f>1+1</f><v></v></c><c r="H1"><f t="shared" si="0"/><v/></c>'
        '<c r="I1" t="str"><f>""</f><v></v></c><c r="J1" s="2"><f>1/2</f></c><c r="K1"><v>1</v></c>'
        '<c r="L1"><f t="shared" si="1"/><v>511702199001011234</v></c><c r="M1" s="2"><f t="shared" si="1"/></c>'
    )
    assert one(cells) == (
        "TRUE", "FALSE", "#DIV/0!", "#N/A", "2", "#公式!", "#公式!", "#公式!", "", "#公式!", "1",
        "5.11702199001011264E+17", "#公式!",
    )  # fmt: skip


@pytest.mark.parametrize("error", ["#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"])
def test_every_error_keeps_its_name(error):
    assert one(f'<c r="A1" t="e"><v>{error}</v></c>') == (error,)


def test_errors_that_the_reader_does_not_know_do_not_cost_the_file():
    cells = '<c r="A1"><v>1</v></c><c r="B1" t="e"><v>#SPILL!</v></c><c r="C1" t="e"><v>#CALC!</v></c>'
    assert one(cells) == ("1", "#VALUE!", "#VALUE!")


def test_dates_have_a_time_only_where_there_is_one(written):
    assert written((45356, "yyyy-mm-dd"), (45356, 'yyyy"年"m"月"d"日"'), (45356.5, "yyyy/m/d h:mm"), (45356, None)) == (
        "2024-03-05",
        "2024-03-05",
        "2024-03-05 12:00:00",
        "45356",
    )
    assert one('<c r="A1" t="d"><v>2024-03-05T00:00:00</v></c>') == ("2024-03-05",)


def test_a_time_of_day_and_the_date_of_an_empty_cell_are_no_date(written):
    assert written((0.5, "h:mm"), (0, "yyyy-mm-dd")) == ("12:00:00", "00:00:00")


def test_a_date_beyond_the_calendar_is_an_error_and_not_missing():
    assert one('<c r="A1" s="1"><v>3000000000</v></c><c r="B1"><v>1</v></c>') == ("#VALUE!", "1")


@pytest.mark.parametrize("said", ['date1904="1"', 'date1904="true"'])
def test_a_workbook_of_1904(said):
    cells = '<c r="A1" s="1"><v>43894</v></c><c r="B1"><v>43894</v></c>'
    (grid,) = read_sheets(book(sheet(row(cells)), properties=f"<workbookPr {said}/>"))
    assert (grid.cells.row(0), grid.serials) == (("2024-03-05", "43894"), date(1904, 1, 1))


def test_a_workbook_of_1900():
    (grid,) = read_sheets(book(sheet(row('<c r="A1"><v>1</v></c>')), properties='<workbookPr date1904="0"/>'))
    assert grid.serials == date(1899, 12, 30)


def test_rich_inline_and_shared_strings(written):
    rich = '<c r="A1" t="inlineStr"><is><r><t>护理型</t></r><r><rPr><b/></rPr><t>床位数</t></r></is></c>'
    assert one(rich) == ("护理型床位数",)
    assert written(("第一行\n第二行", None), ("　１２３ ", None), ("TRUE", None)) == (
        "第一行\n第二行",
        "　１２３ ",
        "TRUE",
    )


@pytest.mark.parametrize("dimension", ["", '<dimension ref="A1:B2"/>', '<dimension ref="A1:XFD1048576"/>'])
def test_rows_are_those_of_the_sheet_whatever_its_dimension_says(dimension):
    rows = row('<c r="B3" t="inlineStr"><is><t>甲</t></is></c>', 3) + row('<c r="D6" s="2"><v>0.5</v></c>', 6)
    (grid,) = read_sheets(book(sheet(rows, dimension)))
    assert grid.lines.to_list() == [1, 2, 3, 4, 5, 6]
    assert grid.cells.rows()[2] == ("甲", None, None)
    assert grid.cells.rows()[5] == (None, None, "50%")


def test_marks_outside_of_the_filled_cells_widen_the_grid():
    rows = row('<c r="A2"><f>1</f></c><c r="C2"><v>7</v></c>', 2) + row('<c r="D4"><f>1</f></c>', 4)
    (grid,) = read_sheets(book(sheet(rows)))
    assert grid.cells.rows() == [
        (None, None, None, None), ("#公式!", None, "7", None), (None, None, None, None), (None, None, None, "#公式!"),
    ]  # fmt: skip
    assert read(book(sheet(row('<c r="C3"><f>1</f></c>', 3)))) == {"表1": [(None,), (None,), ("#公式!",)]}


OTHERWISE = {
    "cells without places": '<row r="3"><c s="2"><v>0.5</v></c><c/><c t="b"><v>1</v></c></row>'
    "<row><c><f>1</f></c></row>",
    "single quotes": "<row r='3'><c r='A3' s='2'><v>0.5</v></c><c r='C3' t='b'><v>1</v></c></row>"
    "<row r='4'><c r='A4'><f>1</f></c></row>",
    "place last": '<row r="3"><c s="2" r="A3"><v>0.5</v></c><c t="b" r="C3"><v>1</v></c></row>'
    '<row r="4"><c r="A4"><f>1</f></c></row>',
    "small letters": '<row r="3"><c r="a3" s="2"><v>0.5</v></c><c r="c3" t="b"><v>1</v></c></row>'
    '<row r="4"><c r="a4"><f>1</f></c></row>',
    "line breaks": '<row r="3">\n <c r="A3" s="2">\n  <v>0.5</v>\n </c><c r="C3" t="b"><v>1</v></c></row>'
    '<row r="4"><c r="A4">\n<f>1</f>\n</c></row>',
}


@pytest.mark.parametrize("rows", OTHERWISE.values(), ids=OTHERWISE.keys())
def test_a_sheet_written_otherwise_is_read_the_same(rows):
    assert read(book(sheet(rows)))["表1"] == [
        (None, None, None), (None, None, None), ("50%", None, "TRUE"), ("#公式!", None, None),
    ]  # fmt: skip


def test_a_sheet_with_a_namespace_prefix_is_read_the_same():
    rows = '<x:row r="1"><x:c r="A1" s="2"><x:v>0.5</x:v></x:c><x:c r="B1"><x:f>1</x:f></x:c></x:row>'
    part = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData>{rows}</x:sheetData></x:worksheet>'
    assert read(book(part)) == {"表1": [("50%", "#公式!")]}


def test_only_visible_worksheets_in_workbook_order():
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target)
    for name in ("二", "隐藏", "深藏", "一"):
        workbook.add_worksheet(name).write(0, 0, name)
    workbook.get_worksheet_by_name("隐藏").hide()
    workbook.get_worksheet_by_name("深藏").very_hidden()
    chart = workbook.add_chart({"type": "bar"})
    chart.add_series({"values": "=二!$A$1:$A$1"})
    workbook.add_chartsheet("图").set_chart(chart)
    workbook.add_worksheet("三").write(0, 0, "三")
    workbook.close()
    assert read(target.getvalue()) == {"二": [("二",)], "一": [("一",)], "三": [("三",)]}


def test_only_the_first_cell_of_a_merged_range_has_a_value():
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target)
    page = workbook.add_worksheet()
    page.merge_range("A1:A2", "甲")
    page.write("B2", 2)
    workbook.close()
    assert list(read(target.getvalue()).values()) == [[("甲", None), (None, "2")]]


def test_a_large_sheet_comes_in_parts_that_keep_their_numbers(monkeypatch):
    monkeypatch.setattr(memory, "megabytes", lambda: 64)
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, {"constant_memory": True})
    page = workbook.add_worksheet()
    percent = workbook.add_format({"num_format": "0.0%"})
    for number in range(40_000):
        page.write_number(number, 0, number)
        page.write_number(number, 1, 0.001 * (number % 1000), percent)
    workbook.close()
    grids = list(read_sheets(target.getvalue()))
    assert [grid.part for grid in grids] == list(range(len(grids)))
    assert len(grids) > 1
    assert [line for grid in grids for line in grid.lines] == list(range(1, 40_001))
    assert grids[-1].cells.row(-1) == ("39999", "99.9%")
