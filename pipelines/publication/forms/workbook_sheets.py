"""Which tables the workbook holds, each with its sheet: the documents' tables as printed, then the rest of the book.

A table without rows gets no sheet. Not in the workbook: `evidence`, one row a delivery file and figure, which is for
the data files (open_data.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import polars as pl

from pipelines.publication import numbers
from pipelines.publication.book import COLUMNS, TABLES, Book
from pipelines.publication.forms.workbook_cells import NO_TEXT, Cell, Heading, Number, Row, flagged, heading, missing

#: Excel's limits
LONGEST_NAME, FORBIDDEN = 31, re.compile(r"[\[\]:*?/\\]")
PRINTED = "印载栏目："
#: what the year adds to a printed row
OF_THE_YEAR = (
    "baseline_actual",
    "actual_period",
    "actual_value",
    "status",
    "progress_linear",
    "still_needed",
    "still_needed_unit",
    "clause",
    "indicator_key",
    "variant",
    "obs_status",
    "note",
)
COMPARED = (
    "indicator_key",
    "indicator_name",
    "variant",
    "unit",
    "region_code",
    "region_name",
    "region_level",
    "value",
    "numerator",
    "denominator",
    "coverage_n",
    "coverage_m",
    "obs_status",
    "note",
)
OF_A_TASK = (
    "responsible",
    "lead_departments",
    "participating_departments",
    "shared_departments",
    "task_status",
    "due_on",
    "done_on",
    "evidence",
    "progress_note",
    "as_of",
)
#: shown in another shape above, or not at all
RESHAPED = ("document_tables", "document_rows", "document_tasks", "figures", "evidence")


@dataclass
class Sheet:
    """One sheet with one table. `key` names the table within the file; `rows` can be gone through again and again."""

    name: str
    key: str
    title: str
    title_en: str
    about: str
    headings: list[str]
    rows: Callable[[], Iterator[list[Cell]]] = field(repr=False)
    height: int
    #: published columns behind the headings, for the sheet that explains them
    columns: tuple[str, ...] = ()


def content(book: Book) -> list[Sheet]:
    """Every sheet that holds figures, in order, under names that Excel takes and no two share."""
    sheets = [*_of_documents(book), *_by_year(book), *_compared(book)]
    for table, _, frame in book.listed():
        if table.name not in RESHAPED and frame.height:
            headings = [heading(column) for column in frame.columns]
            sheets.append(_plain(book, table.zh, table.name, table.zh, table.en, table.grain, headings, frame))
    taken: set[str] = set()
    for sheet in sheets:
        sheet.name = _free(FORBIDDEN.sub(" ", sheet.name), taken)
    return sheets


def _free(name: str, taken: set[str]) -> str:
    short, count = name[:LONGEST_NAME], 1
    while short in taken:
        count += 1
        short = f"{name[: LONGEST_NAME - 3]} {count}"
    taken.add(short)
    return short


def _plain(
    book: Book, name: str, key: str, title: str, title_en: str, grain: str, headings: list[Heading], frame: pl.DataFrame
) -> Sheet:
    definitions = book.definitions

    def rows() -> Iterator[list[Cell]]:
        for row in frame.iter_rows(named=True):
            definition = definitions.get((row.get("indicator_key"), row.get("variant")))
            decimals = row["decimals"] if "decimals" in row else definition and definition["decimals"]
            yield [one.cell(row, decimals) for one in headings]

    columns = tuple(one.column for one in headings)
    texts = [one.text for one in headings]
    return Sheet(name, key, title, title_en, f"一行是：{grain}。", texts, rows, frame.height, columns)


def _of_documents(book: Book) -> Iterator[Sheet]:
    """Per document: its tables as printed with the year's figures, and its tasks."""
    for key, document in book.documents.items():
        short = document["region_name"] + (document["issued_on"] or "")[:4]
        whole = "".join((document["title"], f"（{document['number']}）" if document["number"] else ""))
        tasks = book["document_tasks"].filter(pl.col("document_key") == key)
        for printed in book.rows("document_tables", document_key=key):
            of_table = pl.col("table_key") == printed["table_key"]
            name = f"{short} {re.split('[ （]', printed['title'])[0]}"
            rows = book["document_rows"].filter((pl.col("document_key") == key) & of_table)
            if rows.height:
                yield _plain(
                    book,
                    name,
                    f"{key}_{printed['table_key']}",
                    printed["title"],
                    f"{TABLES['document_rows'].en}: {key}, {printed['table_key']}",
                    f"《{whole}》所载的一行，按印载次序和措辞；其后为 {book.imprint.year} 年的数",
                    [*_as_printed(printed), *(heading(column) for column in OF_THE_YEAR)],
                    rows,
                )
            if tasks.filter(of_table).height:
                yield _tasks(book, key, name, printed["title"], whole, tasks.filter(of_table), printed)
        unprinted = tasks.filter(pl.col("table_key").is_null())
        if unprinted.height:
            zh = TABLES["document_tasks"].zh
            yield _tasks(book, key, f"{short} {zh}", f"{zh}（{whole}）", whole, unprinted, {})


def _as_printed(printed: Row) -> list[Heading]:
    """The printed columns: a document's table has no column whose heading is empty."""
    pairs = {
        "label": "label_heading",
        "unit": "unit_heading",
        "baseline_printed": "baseline_heading",
        "target_printed": "target_heading",
        "attribute": "attribute_heading",
        "responsible": "responsible_heading",
    }
    named = [heading(column, printed[text].removeprefix(PRINTED)) for column, text in pairs.items() if printed[text]]
    return [heading("row_no"), *named]


def _tasks(book: Book, key: str, name: str, title: str, whole: str, frame: pl.DataFrame, printed: Row) -> Sheet:
    heads = {
        column: (printed.get(f"{column}_heading") or "").removeprefix(PRINTED) for column in ("label", "responsible")
    }
    headings = [heading("row_no"), *(heading(one, heads.get(one, "")) for one in ("label", *OF_A_TASK))]
    english = f"{TABLES['document_tasks'].en}: {key}"
    return _plain(book, name, f"{key}_tasks", title, english, f"《{whole}》的一项任务，及台账所载状态", headings, frame)


def _by_year(book: Book) -> Iterator[Sheet]:
    """Indicators of the regions that a document governs, the years side by side."""
    governed = [document["region_code"] for document in book.documents.values()]
    figures = book["figures"].filter(pl.col("region_code").is_in(governed))
    if not figures.height:
        return
    named = ("indicator_key", "indicator_name", "variant", "unit", "region_code", "region_name")
    years = figures["period"].unique().sort().to_list()
    key = ["indicator_key", "variant", "region_code"]
    series = figures.unique(key, keep="last", maintain_order=True).select(*named, "decimals")
    values = {(*row[:3], row[3]): row[4:] for row in figures.select(*key, "period", "value", "obs_status").iter_rows()}

    def rows() -> Iterator[list[Cell]]:
        for row in series.iter_rows(named=True):
            found = (values.get((*(row[one] for one in key), year), (None, None)) for year in years)
            yield [
                *(row[one] if row[one] is not None else NO_TEXT for one in named),
                *(
                    missing({"obs_status": status})
                    if value is None
                    else Number(value, flagged(numbers.number_format(row["decimals"]), status))
                    for value, status in found
                ),
            ]

    zh = TABLES["figures"].zh
    yield Sheet(
        f"{zh}（逐年）",
        "figures_by_year",
        f"{zh}：文件所管地区，逐年",
        f"{TABLES['figures'].en}: governed regions by year",
        "一行是：指标 × 口径 × 地区；各年并列。",
        [*(COLUMNS[one].zh for one in named), *(f"{year}年" for year in years)],
        rows,
        series.height,
        named,
    )


def _compared(book: Book) -> Iterator[Sheet]:
    """Every published region in the year of publication."""
    year, table = book.imprint.year, TABLES["figures"]
    figures = book["figures"].filter(pl.col("period") == year)
    if figures.height:
        yield _plain(
            book,
            f"地区比较（{year}）",
            f"figures_{year}",
            f"{table.zh}：各地区比较，{year}年",
            f"{table.en}: regions compared, {year}",
            f"指标 × 口径 × 地区，{year} 年",
            [heading(column) for column in COMPARED],
            figures,
        )
