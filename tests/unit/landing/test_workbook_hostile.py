"""Broken, hostile and oversized workbooks: each is refused in words, none ends the run or takes the memory."""

import io
import zipfile

import pytest

from pipelines.landing import limits
from pipelines.landing.grid import UnreadableFile
from pipelines.landing.workbook import read_sheets
from tests.handmade_workbook import MAIN, book, sheet, zipped

CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'
DOCTYPE = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def refusal(content):
    """(reason, detail) of a workbook that is refused."""
    with pytest.raises(UnreadableFile) as refused:
        list(read_sheets(content))
    return refused.value.reason, refused.value.detail


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>', "2000列"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="CA1048576"><v>1</v></c></row>', "50000000格"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="ZZ999999"><v>1</v></c></row>', "50000000格"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="ZZ999999" s="2"><v>1</v></c></row>', "50000000格"),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="9999999"><c r="B9999999" t="b"><v>1</v></c></row>', "1048576"),
        ('<row r="1"><c r="A4000000000"><v>1</v></c></row>', "1048576"),
        ('<row r="1"><c r="A99999999999999999999999999"><v>1</v></c></row>', "1048576"),
        ('<row r="4000000000"><c><v>1</v></c></row>', "1048576"),
        ('<row r="1">' + "<c/>" * 1999 + '<c><v>1</v></c></row><row r="999999"><c><v>1</v></c></row>', "50000000格"),
    ],
)
def test_cells_far_apart_are_refused_before_they_take_the_memory(rows, word):
    reason, detail = refusal(book(sheet(rows)))
    assert reason == "unreadable_file"
    assert word in detail


def test_formatted_empty_cells_far_away_are_no_cells():
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="2"/></row><row r="1048576"><c r="XFD1048576" s="1"/></row>'
    (grid,) = read_sheets(book(sheet(rows)))
    assert grid.cells.rows() == [("1",)]
    (grid,) = read_sheets(book(sheet('<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="2"></c></row>')))
    assert grid.cells.rows() == [("1",)]


@pytest.mark.parametrize("at", ["sheet", "workbook"])
def test_a_document_type_is_refused_so_that_no_entity_is_expanded(at):
    part = sheet(CELL)
    hostile = book(DOCTYPE + part.split("?>", 1)[1]) if at == "sheet" else book(part, prologue=DOCTYPE)
    assert "DOCTYPE" in refusal(hostile)[1]


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 and nothing more",
        book(sheet(CELL))[:-200],
        book(sheet(CELL)).replace(b"PK\x01\x02", b"PK\x09\x09"),
        book("this is no XML"),
        book('<?xml version="1.0" encoding="UF-8"?><x:worksheet><x:c r="A1"/></x:worksheet>'),
        book("<worksheet><sheetData><row r='1'><c r='A1'>"),
        book(f'<worksheet xmlns="{MAIN}"><sheetData>{CELL}'),
    ],
)
def test_damaged_workbooks_are_refused_with_the_remedy(content):
    reason, detail = refusal(content)
    assert reason == "unreadable_file"
    assert "另存为 .xlsx" in detail


def test_a_part_whose_bytes_were_changed_is_refused():
    plain = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book(sheet(CELL)))) as source, zipfile.ZipFile(plain, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
    assert "损坏" in refusal(plain.getvalue().replace(b"<v>1</v>", b"<v>7</v>"))[1]


def test_a_zip_without_a_workbook_is_named():
    assert "不是 xlsx 工作簿" in refusal(zipped({"照片.txt": "x"}))[1]


@pytest.mark.parametrize("states", [("hidden",), ("veryHidden",)])
def test_a_workbook_of_hidden_sheets_only_is_refused(states):
    assert "取消隐藏" in refusal(book(sheet(CELL), states=states))[1]


def test_lost_text_is_refused_as_encoding():
    cells = "".join(f'<c r="{place}1" t="inlineStr"><is><t>????</t></is></c>' for place in "ABC")
    cells += '<c r="D1" t="inlineStr"><is><t>511702</t></is></c>'
    assert refusal(book(sheet(f'<row r="1">{cells}</row>')))[0] == "encoding"


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_is(monkeypatch):
    monkeypatch.setattr(limits, "EXPANDED_BYTES", 1_000_000)
    bomb = book(sheet(CELL, "<!--" + " " * 2_000_000 + "-->"))
    assert "1GB" in refusal(bomb)[1]
    lying = bomb.replace((2_000_000).to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    lying = bomb.replace(size, (1_000).to_bytes(4, "little"))
    assert lying != bomb
    assert refusal(lying)[0] == "unreadable_file"


def test_a_part_of_one_repeated_byte_is_refused_by_its_ratio(monkeypatch):
    monkeypatch.setattr(limits, "SUSPECT_BYTES", 1_000_000)
    assert "1GB" in refusal(book(sheet(CELL, "<!--" + " " * 5_000_000 + "-->")))[1]


def test_shared_strings_are_inflated_when_the_archive_could_hide_their_size(monkeypatch):
    content = book(sheet(CELL))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    relations = parts["xl/_rels/workbook.xml.rels"]
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    added = f'<Relationship Id="strings" Type="{kind}" Target="sharedStrings.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = relations.replace("</Relationships>", added)
    parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}"><!--{" " * 3_000_000}--></sst>'
    content = zipped(parts)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        size = archive.getinfo("xl/sharedStrings.xml").file_size.to_bytes(4, "little")
    lying = content.replace(size, (1_000).to_bytes(4, "little"))
    assert next(read_sheets(content)).cells.rows() == [("1",)]
    monkeypatch.setattr(limits, "EXPANDED_BYTES", 1_000_000)
    assert refusal(lying)[0] == "unreadable_file"


def test_too_many_sheets_and_parts_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "SHEETS", 2)
    assert "2张" in refusal(book(*[sheet(CELL)] * 3))[1]
    monkeypatch.setattr(limits, "PARTS", 3)
    assert "3个" in refusal(book(sheet(CELL)))[1]


def test_a_cell_longer_than_a_worksheet_holds_is_refused_with_its_row():
    long = "字" * 32_768
    rows = f'<row r="7"><c r="A7" t="inlineStr"><is><t>{long}</t></is></c></row>'
    reason, detail = refusal(book(sheet(rows)))
    assert reason == "unreadable_file"
    assert "第7行" in detail
    assert len(detail) < 200
    whole = f'<row r="7"><c r="A7" t="inlineStr"><is><t>{long[:32_767]}</t></is></c></row>'
    assert len(next(read_sheets(book(sheet(whole)))).cells.row(6)[0]) == 32_767
