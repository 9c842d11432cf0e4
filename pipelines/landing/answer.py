"""The answer to a supplier whose file was refused or partly refused: a workbook of the refused rows with the cells
marked and the reasons beside them, and a short text.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from .letter import MOST_ROWS, Letter, letter_of
from .refusals import Refusal, copied
from .store import write_bytes

#: more does not open at once in Excel
MOST_CELLS = 500_000
MOST_COMMENTS = 2_000
LONGEST_CELL = 2_000
LONGEST_TEXT = 30
#: the same refusals give the same bytes
MADE_ON = datetime(2000, 1, 1)
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
PLAIN_NUMBER = re.compile(r"[+-]?[\d,.]+%?|[-—]+")
#: what stands before the supplier's own columns, and how wide
OWN_COLUMNS = (("原文件行号", 12), ("拒收原因", 50), ("怎样改", 44))
LINE_POINTS = 15
TITLE_OF_TRIAL = "自查结果（尚未报送）"
WARNING = "本表只供核对：请在原文件中改正后整份重报，不要把本表当作修订交来（证件号等已遮盖，且不含已接收的行）。"

WARNING_OF_TRIAL = "本表只供核对：请在原文件中改正后报送，不要把本表交来（证件号等已遮盖，且不含没有问题的行）。"


def write_answer(
    delivered: Path,
    kind: str,
    account: dict[str, Any],
    quarantine: pl.DataFrame,
    faults: pl.DataFrame,
    contract: Any,
    target: Path,
) -> None:
    """Write `target` (…answer.xlsx) and the short text beside it (…answer.txt).

    `delivered` is read again as `kind`; `account` is the file's (path, state, counts; reason and detail when the whole
    file was refused; supplier_name where known); `faults` holds one row per refused row × reason. `contract` is None
    for a file in a folder of no source.
    """
    letter = letter_of(delivered, kind, account, quarantine, faults, contract)
    write_bytes(target, workbook(letter, contract))
    text = "\n".join(_text(letter)) + "\n"
    write_bytes(target.with_suffix(".txt"), text.encode())


def _text(letter: Letter) -> list[str]:
    """At most LONGEST_TEXT lines: the verdict, the reasons by frequency, what to do."""
    lines = [f"{title}：{text}" for title, text in letter.head.items() if text]
    summary = letter.summary
    room = LONGEST_TEXT - len(lines) - len(letter.remedy) - 4
    if summary:
        lines += ["", "拒收原因（从多到少）："]
        lines += [
            f"  {count} 处 {reason}{f'（{column}）' if column else ''}，第 {rows} 行：{remedy}"
            for reason, column, count, rows, remedy in summary[:room]
        ]
        if len(summary) > room:
            lines.append(f"  另有 {len(summary) - room} 种，见同名 .xlsx 的“原因汇总”")
    return [*lines, "", *letter.remedy]


def _neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula, also when the sheet is saved as CSV; plain numbers stay."""
    clean = "".join(char for char in text if char >= " " or char in "\t\n\r")[:LONGEST_CELL]
    return f"'{clean}" if FORMULA.match(clean) and not PLAIN_NUMBER.fullmatch(clean) else clean


def workbook(letter: Letter, contract: Any) -> bytes:
    """The answer as XLSX: 说明, and of refused rows 拒收行 and 原因汇总."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": TITLE_OF_TRIAL if letter.trial else "拒收回执", "created": MADE_ON})
        forms = {
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "title": book.add_format({"bold": True, "valign": "top", "align": "left"}),
            "header": book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DDE6F0",
                                       "border": 1, "border_color": "#B0B0B0"}),
            "wrong": book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFC7CE", "bold": True,
                                      "border": 1, "border_color": "#C00000"}),
            "warning": book.add_format({"bold": True, "font_color": "#C00000"}),
        }  # fmt: skip
        _cover(book, forms, letter, _most_rows(letter))
        if letter.refused:
            _refused_rows(book, forms, letter, contract, _most_rows(letter))
            _reasons(book, forms, letter)
    return content.getvalue()


def _sheet(book: Any, name: str) -> Any:
    """A sheet that prints whole across: A4 or A3 wide."""
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.set_paper(8 if name == "拒收行" else 9)
    sheet.fit_to_pages(1, 0)
    return sheet


def _warning(letter: Letter) -> str:
    return WARNING_OF_TRIAL if letter.trial else WARNING


def _most_rows(letter: Letter) -> int:
    return min(MOST_ROWS, MOST_CELLS // max(len(letter.rows.titles), 1))


def _cover(book: Any, forms: dict[str, Any], letter: Letter, most: int) -> None:
    sheet = _sheet(book, "说明")
    sheet.set_column(0, 0, 12)
    sheet.set_column(1, 1, 100)
    lines = [("自查", TITLE_OF_TRIAL) if letter.trial else ("回执", "报送文件的接收情况和须改正之处")]
    lines += [(title, text) for title, text in letter.head.items() if text]
    lines += [("怎样改" if not place else "", text) for place, text in enumerate(letter.remedy)]
    if letter.refused:
        lines.append(
            (
                "工作表",
                "“拒收行”：原样抄录的拒收行，标色的单元格须核对，原因写在行首和批注里。“原因汇总”：各种原因有多少处。",
            )
        )
        lines.append(("注意", _warning(letter)))
    if letter.quarantined > most:
        lines.append(("", f"拒收行共 {letter.quarantined} 行，这里抄录前 {most} 行；原因汇总包括全部。"))
    for number, (title, text) in enumerate(lines):
        sheet.set_row(number, _height([(text, 100)]))
        sheet.write_string(number, 0, title, forms["title"])
        sheet.write_string(number, 1, _neutral(text), forms["title" if not number else "text"])


def _refused_rows(book: Any, forms: dict[str, Any], letter: Letter, contract: Any, most: int) -> None:
    """One line per refused row: its number, its reasons, what to do, and the cells as delivered."""
    sheet = _sheet(book, "拒收行")
    sheet.write_string(0, 0, _warning(letter), forms["warning"])
    first = len(OWN_COLUMNS)
    for place, (title, width) in enumerate(OWN_COLUMNS):
        sheet.set_column(place, place, width)
        sheet.write_string(1, place, title, forms["header"])
    for place, title in enumerate(letter.rows.titles, first):
        sheet.set_column(place, place, _width(title))
        sheet.write_string(1, place, _neutral(title), forms["header"])
    sheet.freeze_panes(2, 1)
    by_row: dict[int, list[Refusal]] = {}
    for refusal in letter.refusals:
        by_row.setdefault(refusal.row_number, []).append(refusal)
    comments = 0
    for number, row_number in enumerate(letter.refused[:most], 2):
        refusals = by_row.get(row_number, [])
        ragged = any(refusal.column is None for refusal in refusals)
        cells = copied(row_number, letter.rows, contract, ragged)
        what = "\n".join(f"{refusal.what}。" for refusal in refusals)
        remedy = "\n".join(dict.fromkeys(refusal.remedy for refusal in refusals))
        sheet.set_row(number, _height([(what, OWN_COLUMNS[1][1]), (remedy, OWN_COLUMNS[2][1])]))
        sheet.write_number(number, 0, row_number, forms["title"])
        sheet.write_string(number, 1, _neutral(what), forms["text"])
        sheet.write_string(number, 2, _neutral(remedy), forms["text"])
        marks: dict[int, list[str]] = {}
        for refusal in refusals:
            for place in refusal.places:
                marks.setdefault(place, []).append(f"{refusal.what}。\n{refusal.remedy}")
        for place, text in enumerate(cells):
            wrong = place in marks or (ragged and bool(text) and place >= len(letter.rows.titles))
            sheet.write_string(number, place + first, _neutral(text), forms["wrong" if wrong else "text"])
            if place in marks and comments < MOST_COMMENTS:
                said = "\n".join(marks[place])[:LONGEST_CELL]
                sheet.write_comment(
                    number, place + first, said, {"x_scale": 2.5, "height": _height([(said, 40)]) * 4 / 3}
                )
                comments += 1


def _reasons(book: Any, forms: dict[str, Any], letter: Letter) -> None:
    sheet = _sheet(book, "原因汇总")
    for place, (title, width) in enumerate(
        [("原因", 30), ("列", 24), ("处数", 8), ("所在行（先列几行）", 22), ("怎样改", 80)]
    ):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, title, forms["header"])
    sheet.freeze_panes(1, 0)
    for number, (reason, column, count, rows, remedy) in enumerate(letter.summary, 1):
        sheet.set_row(number, _height([(reason, 30), (column, 24), (remedy, 80)]))
        sheet.write_string(number, 0, _neutral(reason), forms["text"])
        sheet.write_string(number, 1, _neutral(column), forms["text"])
        sheet.write_number(number, 2, count, forms["text"])
        sheet.write_string(number, 3, rows, forms["text"])
        sheet.write_string(number, 4, _neutral(remedy), forms["text"])


def _cells_wide(text: str) -> int:
    """Width in character cells: Chinese takes two."""
    return sum(2 if ord(char) > 0x2E7F else 1 for char in text)


def _width(title: str) -> int:
    return max(12, min(26, _cells_wide(title) + 2))


def _height(wrapped: Sequence[tuple[str, int]]) -> float:
    """Points for the highest of the wrapped texts, each with the width of its column: not every reader fits rows."""
    most = max(sum(-(-_cells_wide(line) // (width - 2)) or 1 for line in text.split("\n")) for text, width in wrapped)
    return min(LINE_POINTS * most + 3, 400)
