"""A policy document in print: what is said of it, charts, tables as printed with the year beside them, tasks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pipelines.publication import numbers, wording
from pipelines.publication.book import Book
from pipelines.publication.forms.charts import Chart
from pipelines.publication.forms.pdf.blocks import Col, Part, figures, heading, para, points, table, upright, wide
from pipelines.publication.sentences import summary

Row = dict[str, Any]

#: how the registry marks a heading that stands in the document
AS_PRINTED = "印载栏目："
#: what a table of a document may print: heading, column, width
PRINTED = (
    ("label", "label", 62),
    ("unit", "unit", 18),
    ("baseline", "baseline_printed", 22),
    ("target", "target_printed", 30),
    ("attribute", "attribute", 18),
    ("responsible", "responsible", 36),
)
#: trends shown beside the status chart; all are on the site
TRENDS = 5


def key_points(book: Book) -> Iterator[Part]:
    """What the summary says of each document, generated from the figures."""
    blocks = [heading(1, "要点", "Key points")]
    for key, document in book.documents.items():
        said = summary(book, key)
        blocks += [
            heading(2, f"{document['region_name']}：{document['title']}"),
            points([sentence.zh for sentence in said], [sentence.en for sentence in said]),
        ]
    yield upright(*blocks)


def parts(book: Book, key: str, charts: Mapping[str, Chart]) -> Iterator[Part]:
    document = book.documents[key]
    facts = [
        ("发文机关", document["issuer"]),
        ("文号", document["number"]),
        ("印发日期", document["issued_on"]),
        ("适用地区", f"{document['region_name']}（{document['region_code']}）"),
    ]
    yield upright(
        heading(1, f"{document['region_name']}：{document['title']}"),
        para("；".join(f"{name}：{fact}" for name, fact in facts if fact) + "。"),
        heading(2, "图", "Charts"),
        *figures(charts, [f"status-{key}", *_trends(book, key)]),
    )
    rows = book.rows("document_rows", document_key=key)
    tables = book.rows("document_tables", document_key=key)
    tasks = book.rows("document_tasks", document_key=key)
    for printed in tables:
        own = [row for row in rows if row["table_key"] == printed["table_key"]]
        if own:
            yield wide(heading(2, printed["title"]), _printed(book, printed, own))
    if rows:
        yield wide(
            heading(2, f"{document['region_name']}逐年实际值", "Year by year"),
            para("与目标相比的量；口径各按文件。" + legend()),
            _years(book, key, rows),
        )
    for table_key in dict.fromkeys(task["table_key"] for task in tasks):
        printed = next((one for one in tables if one["table_key"] == table_key), None)
        own = [task for task in tasks if task["table_key"] == table_key]
        yield wide(heading(2, printed["title"] if printed else "重点任务"), _tasks(printed, own))


def legend() -> str:
    """The marks and flags in a sentence."""
    known = dict.fromkeys((*numbers.MARKS.values(), *numbers.FLAGS.values()))
    return "符号：" + "；".join(f"{mark} {meaning}" for mark, meaning in known) + "。"


def _trends(book: Book, key: str) -> list[str]:
    """Charts of the rows that the summary speaks of, in its order; a weakest unit shows nothing over time."""
    rows = {(row["table_key"], str(row["row_no"])): row for row in book.rows("document_rows", document_key=key)}
    spoken = [cell.source.split("/") for sentence in summary(book, key) for cell in sentence.cells]
    named = [rows[source[2], source[3]] for source in spoken if source[0] == "document_rows"]
    return list(dict.fromkeys(f"trend-{row['indicator_key']}-{row['variant']}-{row['region_code']}" for row in named))[
        :TRENDS
    ]


def _heading(printed: Row, column: str) -> str:
    return (printed[f"{column}_heading"] or "").removeprefix(AS_PRINTED)


def _printed(book: Book, printed: Row, rows: list[Row]) -> dict[str, Any]:
    """The printed columns in their order, then the year's. A unit that has no printed column stands with the year's.

    A column that no row fills is left out, unless the document prints it.
    """
    unit = [] if printed["unit_heading"] else [(Col("单位", 16), [row["unit"] or "" for row in rows])]
    columns = [
        (Col("序号", 10, is_number=True), [str(row["row_no"]) for row in rows]),
        *(
            (Col(_heading(printed, name) or "名称", width), [row[column] or "" for row in rows])
            for name, column, width in PRINTED
            if printed[f"{name}_heading"] or name == "label"
        ),
        *unit,
        (Col(f"{book.imprint.year}年实际", 22, is_number=True), [_actual(book, row) for row in rows]),
        (Col("线性进度（%）", 18, is_number=True), [_progress(row) for row in rows]),
        (Col("尚差", 22, is_number=True), [_still_needed(row) for row in rows]),
        (Col("结论", 20), [wording.zh("status", row["status"]) for row in rows]),
    ]
    as_printed = {_heading(printed, name) for name, _, _ in PRINTED if _is_printed(printed, name)}
    kept = [(column, cells) for column, cells in columns if any(cells) or column.heading in as_printed]
    return table([column for column, _ in kept], zip(*(cells for _, cells in kept), strict=True))


def _is_printed(printed: Row, column: str) -> bool:
    return (printed[f"{column}_heading"] or "").startswith(AS_PRINTED)


def _actual(book: Book, row: Row) -> str:
    text = numbers.against(row["actual_value"], row["decimals"], row["target_value"], row["obs_status"])
    of_another_year = row["actual_value"] is not None and row["actual_period"] != book.imprint.year
    return f"{text}（{row['actual_period']}年）" if of_another_year else text


def _progress(row: Row) -> str:
    return "" if row["progress_linear"] is None else numbers.shown(row["progress_linear"] * 100, 0)


def _still_needed(row: Row) -> str:
    if row["still_needed"] is None:
        return ""
    return numbers.plain(row["still_needed"]) + (row["still_needed_unit"] or "" if row["still_needed"] else "")


def _years(book: Book, key: str, rows: list[Row]) -> dict[str, Any]:
    by_row: dict[tuple[str, int], dict[str, Row]] = {}
    for point in book.rows("progress", document_key=key):
        by_row.setdefault((point["table_key"], point["row_no"]), {})[point["period"]] = point
    periods = sorted({period for points_ in by_row.values() for period in points_})
    titles = {
        one["table_key"]: re.split("[ （]", one["title"])[0] for one in book.rows("document_tables", document_key=key)
    }
    return table(
        [
            Col("表", 22),
            Col("序号", 10, is_number=True),
            Col("名称", 70),
            Col("单位", 18),
            *(Col(period, 20, is_number=True) for period in periods),
            Col("目标（照印）", 30),
        ],
        [
            [
                titles.get(row["table_key"], row["table_key"]),
                str(row["row_no"]),
                row["label"],
                row["unit"] or "",
                *(_point(by_row.get((row["table_key"], row["row_no"]), {}).get(period), row) for period in periods),
                row["target_printed"] or "",
            ]
            for row in rows
            if any(point["actual_value"] is not None for point in by_row.get(_place(row), {}).values())
        ],
    )


def _place(row: Row) -> tuple[str, int]:
    return row["table_key"], row["row_no"]


def _point(point: Row | None, row: Row) -> str:
    if point is None:
        return numbers.NOTHING[0]
    return numbers.shown(point["actual_value"], row["decimals"], point["obs_status"])


def _tasks(printed: Row | None, tasks: list[Row]) -> dict[str, Any]:
    return table(
        [
            Col("序号", 10, is_number=True),
            Col((printed and _heading(printed, "label")) or "任务", 90),
            Col((printed and _heading(printed, "responsible")) or "责任单位", 70),
            Col("状态", 18),
            Col("完成日期", 22),
            Col("进展", 40),
        ],
        [
            [
                str(task["row_no"]),
                task["label"],
                task["responsible"] or "",
                wording.zh("task_status", task["task_status"]),
                task["done_on"] or "",
                task["progress_note"] or task["evidence"] or "",
            ]
            for task in tasks
        ],
    )
