"""The start page and a page per document: its tables as printed, the year beside them, tasks, years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from pipelines.publication.sentences import ASKING, summary
from pipelines.publication.wording import WORDS

from .lookup import Lookup, Row
from .page import Page

#: how the registry marks a heading that stands in the document
AS_PRINTED = "印载栏目："


def pages(look: Lookup) -> Iterator[Page]:
    documents = [_document(look, row) for row in look.book.documents.values()]
    yield Page(
        "index.html",
        "start.html",
        look.book.imprint.title,
        look.book.imprint.title_en,
        "index.html",
        {"documents": documents, "counts": _extent(look)},
    )
    for document in documents:
        yield Page(
            f"documents/{document['document_key']}.html",
            "document.html",
            document["title"],
            f"Policy document, region {document['region_code']}",
            "index.html",
            {"document": document},
        )


def _document(look: Lookup, row: Row) -> Row:
    rows = look.book.rows("document_rows", document_key=row["document_key"])
    asked = Counter(each["status"] for each in rows if each["row_kind"] in ASKING)
    tables = [
        _table(table, [each for each in rows if each["table_key"] == table["table_key"]])
        for table in look.book.rows("document_tables", document_key=row["document_key"])
    ]
    tasks = look.book.rows("document_tasks", document_key=row["document_key"])
    heading = next((t for t in tables if t["table_key"] == next((k["table_key"] for k in tasks), None)), None)
    return row | {
        "sentences": summary(look.book, row["document_key"]),
        "statuses": {status: asked[status] for status in WORDS["status"] if asked[status]},
        "asked": sum(asked.values()),
        "tables": [table for table in tables if table["rows"]],
        "tasks": tasks,
        "tasks_title": heading["title"] if heading else "重点任务",
        "tasks_headings": heading["headings"] if heading else {"label": "任务", "responsible": "责任单位"},
        "task_statuses": Counter(task["task_status"] for task in tasks if task["task_status"]),
        "periods": sorted(
            {p["period"] for each in rows for p in look.progress.get(_key(each), ()) if p["actual_value"] is not None}
        ),
    }


def _key(row: Row) -> tuple[str, str, int]:
    return row["document_key"], row["table_key"], row["row_no"]


def _table(table: Row, rows: list[Row]) -> Row:
    """The table with the headings of its columns: as printed where it has them, else none for that column."""
    columns = ("label", "unit", "baseline", "target", "attribute", "responsible")
    headings = {name: (table[f"{name}_heading"] or "").removeprefix(AS_PRINTED) for name in columns}
    printed = any((table[f"{name}_heading"] or "").startswith(AS_PRINTED) for name in columns)
    return table | {"headings": headings, "is_printed": printed, "rows": rows}


def _extent(look: Lookup) -> dict[str, int]:
    return {
        "documents": len(look.book.documents),
        "indicators": len(look.indicators),
        "regions": len(look.book.regions),
        "figures": sum(len(rows) for rows in look.of_region.values()),
        "deliveries": look.book["deliveries"].height,
    }
