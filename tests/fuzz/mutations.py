"""Ways to spoil a delivery: bytes of any file, cells of a table, parts of a workbook, types of Parquet."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

Grid = list[list[str]]
#: larger inputs only take longer
LARGEST = 8 << 20
ODD_CELLS = (
    "", " ", "0", "-0", "1,234", "12,34", "1.2万", "85.5%", "约120", "—", "…", "无", "不适用", "N/A", "#DIV/0!",
    "#公式!", "合计", "城区小计", "注：见附件", "备注", "填报人：某", "=1+1", '=HYPERLINK("http://a")', "@SUM(A1)",
    "-1+1", "\t=1", "9" * 400, "1e400", "1e99", "-9223372036854775809", "9223372036854775808",
    "9" * 31 + ".9999999", "9" * 20 + "亿", "1E+05", "5.11702E+17", "0x1F", "1_000", "١٢٣", "²", "Ⅳ", "〇", "½", "∞",
    "NaN", "Infinity", "-", "+", ".", "1.", ".5", "2024-02-30", "0000-00-00", "9999-12-31", "99999年13月", "2024年",
    "45356", "-1", "2958466", "1899-12-31", "24:00:00", "2024-03-05T00:00:00Z", "5", "0-4", "4-0", "999-1000",
    "85岁及以上", "-5岁", "0岁以上以上", "是", "無", "TRUE", "√", "511702", "511702001", "511702001000",
    "511702000000", "000000", "51170", "５１１７０２", "'511702", "511702.0", "11010519491231002X",
    "11010519491231002x ", "110105491231002", "1" * 18, "张三", "独居、空巢", "；", "、", "/", "\u202e123", "\u200b",
    "\ufeff511702", "\ufffd", "𠮷", "👪", "e\u0301", "ﷺ", "\x00", "\x1e", "\x7f", "\x85", "\u2028", "a\nb", "a\rb",
    '"', '""', "'", ",", "，", ";", "|", ":", "bad_type:beds", "\\", "%s{}", "../..", "长" * 3000, "x" * 40000,
)  # fmt: skip
TOKENS = (
    *(text.encode() for text in ODD_CELLS), b"\n", b"\r", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\x81",
    b"\x81\x30\x81\x30", b"\xf0\x9f", b"PK\x03\x04", b"PAR1", b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>", b"&b;", b"</row>", b"<v>",
)  # fmt: skip
#: what is written instead of what is found, in a part of a workbook
XML = (
    (r't="\w+"', [f't="{kind}"' for kind in ("s", "b", "n", "e", "d", "str", "inlineStr", "x")]),
    (r's="\d+"', [f's="{style}"' for style in ("0", "1", "2", "99", "-1", "x")]),
    (r'r="[A-Z]+\d+"', [f'r="{at}"' for at in ("A1", "a1", "XFD1", "ZZZZZZ9", "B0", "C99999999", "", "1A")]),
    (r'<row r="\d+"', [f'<row r="{at}"' for at in ("0", "1", "1048577", "99999999999", "-3", "x")]),
    (r"<v>[^<]*</v>", [f"<v>{escape(text)}</v>" for text in ODD_CELLS]),
    (r"<v>[^<]*</v>", ["", "<v/>", "<f>1+1</f>", "<f>A1</f><v></v>", "<is><t>x</t></is>"]),
    (r"<t[^>]*>[^<]*</t>", [f"<t>{escape(text)}</t>" for text in ODD_CELLS]),
    (r"<c ", ["<x:c ", "<c\n", "<c  ", "<C ", "<c x='1' "]),
    (r"</(?:c|row|si|sheetData)>", [""]),
    (r'(?:Target|Id|state|ref|numFmtId|count)="[^"]*"', ['Target=""', 'Id="rId1"', 'state="hidden"', 'ref="A1:XFD9"']),
    (r'<workbookPr[^>]*>', ['<workbookPr date1904="1"/>', '<workbookPr date1904="x"/>']),
)  # fmt: skip


def spoiled_bytes(random: Random, content: bytes, other: bytes) -> bytes:
    """A few changes to the bytes; `other` is spliced in."""
    data = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 4, 16))):
        at = random.randrange(len(data) + 1)
        end = min(len(data), at + random.choice((1, 2, 8, 64, 1024)))
        match random.randrange(8):
            case 0 | 1 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 2:
                data[at:at] = random.choice(TOKENS)
            case 3:
                del data[at:end]
            case 4:
                data[at:at] = data[at:end] * random.choice((1, 2, 50))
            case 5:
                del data[at:]
            case 6:
                start = random.randrange(len(other) + 1)
                data[at:] = other[start:]
            case _:
                data[at:end] = random.randbytes(end - at)
    return bytes(data)


def spoiled_grid(random: Random, grid: Grid) -> Grid:
    """A few changes to the cells, rows and columns."""
    grid = [list(row) for row in grid[: random.choice((3, 30, 400))]] or [[]]
    for _ in range(random.choice((1, 2, 5, 20))):
        row = random.choice(grid[1:] or grid) if random.random() < 0.8 else random.choice(grid)
        place = random.randrange(len(row) + 1)
        at = random.randrange(len(grid) + 1)
        match random.randrange(10):
            case 0 | 1 | 2 if place < len(row):
                row[place] = random.choice(ODD_CELLS)
            case 3 if place < len(row):
                row[place] = random.choice(("", " ", "（", "(", "\u200b")) + row[place] + random.choice(ODD_CELLS)
            case 4:
                row[place:place] = [random.choice(ODD_CELLS)] * random.choice((1, 1, 3, 2100))
            case 5:
                del row[place:]
            case 6:
                grid.insert(at, list(random.choice(grid)))
            case 7:
                grid.insert(at, [random.choice(ODD_CELLS) for _ in range(random.choice((0, 1, 5)))])
            case 8:
                one, two = (random.randrange(64) for _ in range(2))
                for cells in grid:
                    if max(one, two) < len(cells):
                        cells[one] = cells[two]
            case _:
                grid[:] = [grid[0], *random.sample(grid[1:], len(grid) - 1)]
    return grid[:3000]


def as_csv(random: Random, grid: Grid) -> bytes:
    """The cells as text, in some encoding and with some line end."""
    out = io.StringIO(newline="")
    if random.random() < 0.2:
        out.write("\n".join(",".join(row) for row in grid))
    else:
        csv.writer(out, lineterminator=random.choice(("\n", "\r\n", "\r"))).writerows(grid)
    encodings = [("utf-8", 5), ("utf-8-sig", 2), ("gb18030", 5), ("utf-16", 1), ("latin-1", 1)]
    encoding = random.choices(*zip(*encodings, strict=True))[0]
    return out.getvalue().encode(encoding, "replace")


def as_xlsx(random: Random, grid: Grid) -> bytes:
    """The cells in a workbook: as texts, or as what a program would make of them."""
    target = io.BytesIO()
    options = {"in_memory": True, "strings_to_numbers": random.random() < 0.5, "date_1904": random.random() < 0.2}
    book = xlsxwriter.Workbook(target, options | {"nan_inf_to_errors": True})
    forms = [None, *(book.add_format({"num_format": form}) for form in ("yyyy-mm-dd", "0.0%", "hh:mm", "@"))]
    for _ in range(random.choice((0, 0, 1))):
        book.add_worksheet().write(0, 0, random.choice(ODD_CELLS)[:30])
    sheet = book.add_worksheet()
    top, left = random.choice((0, 0, 3)), random.choice((0, 0, 2))
    for number, row in enumerate(grid, start=top):
        for place, cell in enumerate(row[:3000], start=left):
            sheet.write(number, place, cell[:32767], random.choice(forms) if random.random() < 0.1 else None)
    if random.random() < 0.2:
        sheet.merge_range(top, left, top + 1, left + 1, "合并")
    book.close()
    return target.getvalue()


def as_parquet(random: Random, grid: Grid) -> bytes:
    """The cells as Parquet, the first row as names; some columns of odd types."""
    width = max(map(len, grid))
    rows = [[*row, *[""] * (width - len(row))] for row in grid]
    arrays = []
    for place in range(width):
        texts = [row[place] or None for row in rows[1:]]
        arrays.append(
            random.choice(ODD_ARRAYS)(random, texts) if random.random() < 0.15 else pa.array(texts, pa.string())
        )
    if not arrays:
        return b"PAR1PAR1"
    schema = pa.schema([pa.field(name, array.type) for name, array in zip(rows[0], arrays, strict=True)])
    target = io.BytesIO()
    try:
        pq.write_table(pa.Table.from_arrays(arrays, schema=schema), target, row_group_size=random.choice((1, 7, 10**6)))
    except (pa.ArrowException, UnicodeEncodeError):
        return b"PAR1" + target.getvalue()
    return target.getvalue()


def _cast(dtype: Any, made: Callable[[Random], Any]) -> Callable[[Random, list[str | None]], Any]:
    return lambda random, texts: pa.array([None if text is None else made(random) for text in texts], dtype)


ODD_ARRAYS = (
    _cast(pa.bool_(), lambda random: random.random() < 0.5),
    _cast(pa.int64(), lambda random: random.choice((0, -1, 2**63 - 1, 511702))),
    _cast(pa.uint64(), lambda random: random.choice((0, 2**64 - 1))),
    _cast(pa.float64(), lambda random: random.choice((0.1, -0.0, 1e308, float("nan"), float("inf"), 511702.0))),
    _cast(pa.float16(), lambda random: random.choice((0.5, 1.0))),
    _cast(pa.decimal128(38, 10), lambda random: Decimal("12345.6789012345")),
    _cast(pa.decimal256(76, 3), lambda random: Decimal("9" * 70)),
    _cast(pa.date32(), lambda random: date(2024, 2, 29)),
    _cast(pa.date64(), lambda random: date(1, 1, 1)),
    _cast(pa.timestamp("ns"), lambda random: datetime(2024, 3, 5, random.choice((0, 13)))),
    _cast(pa.timestamp("s", "Asia/Shanghai"), lambda random: datetime(9999, 12, 31)),
    _cast(pa.time64("us"), lambda random: time(12, 30)),
    _cast(pa.duration("ms"), lambda random: timedelta(days=3)),
    _cast(pa.binary(), lambda random: random.randbytes(6)),
    _cast(pa.binary(4), lambda random: random.randbytes(4)),
    _cast(pa.list_(pa.int8()), lambda random: [1, 2]),
    _cast(pa.struct({"a": pa.string()}), lambda random: {"a": "x"}),
    _cast(pa.map_(pa.string(), pa.int8()), lambda random: [("a", 1)]),
    lambda random, texts: pa.array(texts, pa.large_string()),
    lambda random, texts: pa.array(texts, pa.string_view()),
    lambda random, texts: pa.array(texts, pa.string()).dictionary_encode(),
    lambda random, texts: pa.nulls(len(texts)),
    # bytes that are no UTF-8 where texts are promised
    lambda random, texts: pa.array([random.randbytes(5) for _ in texts], pa.binary()).view(pa.string()),
)

PARTS = re.compile(r"(sheet\d+|sharedStrings|workbook|styles)\.xml$|\.rels$")


def spoiled_workbook(random: Random, content: bytes) -> bytes:
    """A workbook with one or two of its parts changed, dropped or repeated."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            parts = [(name, book.read(name)) for name in book.namelist()]
    # what was changed before is no archive any more, or, to zipfile, one of a kind that it does not know
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return content
    target = io.BytesIO()
    hits = {random.choice([name for name, _ in parts if PARTS.search(name)] or [parts[0][0]]) for _ in range(2)}
    with zipfile.ZipFile(target, "w", random.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED))) as book:
        for name, part in parts:
            if name not in hits:
                book.writestr(name, part)
                continue
            match random.randrange(8):
                case 0:
                    continue
                case 1:
                    book.writestr(name, spoiled_bytes(random, part, part))
                case 2:
                    book.writestr(random.choice((name.upper(), "../" + name, "\\" + name, name)), part)
                case _:
                    book.writestr(name, _spoiled_xml(random, part.decode("utf-8", "replace")))
    return target.getvalue()


def _spoiled_xml(random: Random, xml: str) -> str:
    for _ in range(random.choice((1, 3, 30))):
        pattern, instead = random.choice(XML)
        found = list(re.finditer(pattern, xml[:200_000]))
        if found:
            hit = random.choice(found)
            xml = xml[: hit.start()] + random.choice(instead) + xml[hit.end() :]
    return xml


def grid_of(content: bytes, kind: str) -> Grid:
    """The cells of a sound delivery."""
    if kind == "csv":
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    if kind == "xlsx":
        frame = pl.read_excel(io.BytesIO(content), engine="calamine", has_header=False, infer_schema_length=0)
        return [["" if cell is None else str(cell) for cell in row] for row in frame.rows()]
    frame = pl.read_parquet(io.BytesIO(content))
    return [frame.columns, *(["" if cell is None else str(cell) for cell in row] for row in frame.rows())]


WRITERS = {"csv": as_csv, "xlsx": as_xlsx, "parquet": as_parquet}


def spoiled(random: Random, grid: Grid, original: bytes, kind: str, others: list[Grid]) -> tuple[bytes, str]:
    """A delivery of some kind made of a sound one, and the kind: `original` are its bytes, `grid` its cells."""
    if random.random() < 0.1:
        return spoiled_bytes(random, original, original), kind
    kind = random.choice(("csv", "xlsx", "parquet"))
    if random.random() < 0.1:
        grid = [[random.choice(ODD_CELLS) for _ in range(random.randrange(12))] for _ in range(random.randrange(1, 40))]
        grid[:0] = random.choice(others)[: random.randrange(3)]
    if random.random() < 0.8:
        grid = spoiled_grid(random, grid)
    content = WRITERS[kind](random, grid[:400])
    if kind == "xlsx" and random.random() < 0.4:
        content = spoiled_workbook(random, content)
    if random.random() < 0.08:
        content = spoiled_bytes(random, content, original)
    return content[:LARGEST], kind
