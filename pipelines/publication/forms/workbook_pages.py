"""Pages of the workbook about itself: cover, contents, notes, what the columns mean, key points. One table each."""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.publication import numbers, wording
from pipelines.publication.book import COLUMNS, Book
from pipelines.publication.forms.workbook_cells import NO_NUMBER, NO_TEXT, Cell, Number
from pipelines.publication.forms.workbook_sheets import Sheet
from pipelines.publication.methods import NOTES as METHODS
from pipelines.publication.methods import STATUS_RULES
from pipelines.publication.sentences import summary

COVER, CONTENTS, NOTES, FIELDS, POINTS = "封面", "目录", "说明", "栏目", "要点"

#: of the workbook alone
CELLS = (
    ("空格", "没有空的单元格：缺数、缺文字都以方括号内的文字标出。", "No cell is left empty."),
    ("单元格的值", "单元格存未舍入的值，按指标的小数位显示。", "Cells hold unrounded values; their format rounds."),
    ("印载的数", "照印的各栏照文件的措辞；其中的“—”是文件所印。", "As printed, word for word."),
    ("没有行的表", "本版没有内容的表不设工作表。", "Tables without rows have no sheet."),
)


def _page(
    name: str, key: str, title: str, title_en: str, about: str, headings: list[str], rows: list[list[Cell]]
) -> Sheet:
    return Sheet(name, key, title, title_en, about, headings, lambda: iter(rows), len(rows))


def cover(book: Book) -> Sheet:
    """What edition this is. A forced edition says here why it was made nevertheless."""
    imprint = book.imprint
    rows: list[list[Cell]] = [
        ["公布年度", Number(int(imprint.year), "0"), "Year of publication"],
        ["版次", Number(imprint.edition, "0"), "Edition"],
        ["发布批次", imprint.release_id, "Release"],
        ["发布批次的时间（UTC）", imprint.released_at, "Time of the release"],
        ["代码版本", imprint.code_version, "Code version"],
    ]
    if book.caution:
        rows.append(["数据来历", *book.caution])
    for zh, en, text in (
        ("改版原因", "Reason of this edition", imprint.reason),
        *((f"异议 {number}", "Objection", text) for number, text in enumerate(imprint.objections, 1)),
        ("有异议而仍公布的理由", "Published nevertheless because", imprint.forced_because),
        ("与之相比的版次", "Edition compared with", imprint.compared_with),
    ):
        if text:
            rows.append([zh, text, en])
    about = f"数据出自发布批次，不经手工。各工作表见“{CONTENTS}”，标记和方法见“{NOTES}”。"
    return _page(COVER, "cover", imprint.title, imprint.title_en, about, ["项目", "内容", "English"], rows)


def contents(sheets: Iterable[Sheet]) -> Sheet:
    """Every other sheet; the first column links to it."""
    rows: list[list[Cell]] = [
        [sheet.name, sheet.title, Number(sheet.height, "#,##0"), sheet.title_en] for sheet in sheets
    ]
    about = "第一栏是到各工作表的链接。"
    return _page(CONTENTS, "contents", "目录", "Contents", about, ["工作表", "表", "行数", "English"], rows)


def notes() -> Sheet:
    """Every mark that may stand in a cell, every status, and how the figures are made."""
    rows: list[list[Cell]] = [
        *(
            ["缺数的标记", f"[{zh}]", f"观测状态 {code}", wording.en("obs_status", code)]
            for code, (_, zh) in numbers.MARKS.items()
        ),
        ["缺数的标记", NO_NUMBER, "不适用于这一行，或这一年无从计算", "No figure was asked for"],
        ["缺文字的标记", NO_TEXT, "文件没有印，或没有登记", "Nothing printed or registered"],
        *(
            ["数字后的标记", f"[{zh}]", f"观测状态 {code}；单元格仍是数字", wording.en("obs_status", code)]
            for code, (_, zh) in numbers.FLAGS.items()
        ),
        *(["结论", zh, STATUS_RULES[code], en] for code, (zh, en) in wording.WORDS["status"].items()),
        *(["方法", subject, text, en] for subject, text, en in METHODS),
        *(["本工作簿", subject, text, en] for subject, text, en in CELLS),
    ]
    about = "单元格中的标记、结论所用的词，以及方法。"
    return _page(NOTES, "notes", "说明", "Notes", about, ["类别", "标记或词", "含义", "English"], rows)


def fields(sheets: Iterable[Sheet]) -> Sheet:
    """What each column is called in English and in the data files, and where it stands."""
    places: dict[str, list[str]] = {}
    for sheet in sheets:
        for column in sheet.columns:
            places.setdefault(column, []).append(sheet.name)
    rows: list[list[Cell]] = [
        [COLUMNS[one].zh, COLUMNS[one].en, one, COLUMNS[one].unit or NO_TEXT, "、".join(dict.fromkeys(where))]
        for one, where in places.items()
    ]
    about = "同名的栏目在各表中含义相同；数据文件（CSV、Parquet）用其中的代码。"
    headings = ["栏目", "English", "数据文件中的代码", "单位", "所在工作表"]
    return _page(FIELDS, "columns", "栏目", "Columns", about, headings, rows)


def points(book: Book) -> Sheet:
    """The summary, sentence by sentence."""
    rows: list[list[Cell]] = [
        [document["title"], sentence.zh, sentence.en]
        for key, document in book.documents.items()
        for sentence in summary(book, key)
    ]
    about = "每句话中的数字都取自其后各表。"
    return _page(POINTS, "key_points", "要点", "Key points", about, ["文件", "要点", "English"], rows)
