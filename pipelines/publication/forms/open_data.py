"""The tables as data files: a book in, `data/csv`, `data/parquet` and `data/datapackage.json` out.

CSV is for machines: RFC 4180 (CRLF, quotes only where needed), UTF-8 without a byte order mark (the data package names
the encoding; a mark would become part of the first header), true values and not one character added, so also no
quote in front of '=': who reads with a spreadsheet takes the workbook, whose text is never a formula. Empty is missing,
and missing is never zero; the status beside it says why.
Parquet holds the same rows, typed, with titles, grain and edition as key-value metadata and names and units at columns.
The data package describes both after Frictionless Data Package 2 (datapackage.org): types, codes, keys, references,
checksums. A licence is not stated: that is the publisher's to set.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from frictionless import Dialect, Field, Package, Resource, Schema
from frictionless.formats import CsvControl
from frictionless.resources import FileResource, TableResource

from pipelines.publication import wording
from pipelines.publication.book import Book, Column, Table

#: table → (columns, table they refer to, columns there). Not here: figures → regions, since former regions have figures
#: too; document_rows → indicators and indicators → measures, since subsidy rules and milestones are neither
REFERENCES: dict[str, tuple[tuple[tuple[str, ...], str, tuple[str, ...]], ...]] = {
    "documents": ((("region_code",), "regions", ("region_code",)),),
    "document_tables": ((("document_key",), "documents", ("document_key",)),),
    "document_rows": ((("document_key", "table_key"), "document_tables", ("document_key", "table_key")),),
    "document_tasks": ((("document_key",), "documents", ("document_key",)),),
    "progress": ((("document_key", "table_key", "row_no"), "document_rows", ("document_key", "table_key", "row_no")),),
    "figures": ((("indicator_key", "variant"), "indicators", ("indicator_key", "variant")),),
    "crosswalk": ((("document_key", "table_key", "row_no"), "document_rows", ("document_key", "table_key", "row_no")),),
    "consistency": ((("document_key",), "documents", ("document_key",)),),
    "subsidies": ((("document_key",), "documents", ("document_key",)),),
    "coverage": ((("document_key",), "documents", ("document_key",)),),
    "evidence": (
        (("measure_key",), "measures", ("measure_key",)),
        (("path",), "deliveries", ("path",)),
    ),
}
TYPES = {"text": "string", "code": "string"}
PATTERNS = {"period": "[0-9]{4}(-[0-9]{2}){0,2}", "sha256": "[0-9a-f]{64}"}


def render(book: Book, folder: Path) -> None:
    """Write every table as CSV and Parquet below folder/data, and the data package that describes them."""
    data = folder / "data"
    for kind in ("csv", "parquet"):
        (data / kind).mkdir(parents=True, exist_ok=True)
    resources: list[Resource] = []
    for table, columns, frame in book.listed():
        comma, column_store = data / f"csv/{table.name}.csv", data / f"parquet/{table.name}.parquet"
        frame.write_csv(comma, line_terminator="\r\n", float_scientific=False)
        pq.write_table(_arrow(book, table, columns, frame), column_store, compression="zstd")
        resources += [_csv(book, table, columns, frame, comma), _parquet(table, column_store)]
    described = json.dumps(_package(book, resources).to_descriptor(), ensure_ascii=False, indent=1)
    (data / "datapackage.json").write_text(described + "\n", encoding="utf-8")


def _arrow(book: Book, table: Table, columns: list[Column], frame: pl.DataFrame) -> pa.Table:
    """The rows with their types; text plain UTF-8, dates as dates, comments beside them."""
    kinds = {
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
    }
    dated = frame.with_columns(pl.col(column.name).str.to_date() for column in columns if column.kind == "date")
    fields = [
        pa.field(
            column.name,
            kinds.get(column.kind, pa.string()),
            metadata={"comment_zh": column.zh, "comment_en": column.en, "unit": column.unit},
        )
        for column in columns
    ]
    facts = {
        "title_zh": table.zh,
        "title_en": table.en,
        "grain": table.grain,
        "key": ",".join(table.key),
        "edition": book.imprint.name,
        "release": book.imprint.release_id,
        "released_at": book.imprint.released_at,
    }
    return dated.to_arrow().cast(pa.schema(fields, metadata=facts))


def _csv(book: Book, table: Table, columns: list[Column], frame: pl.DataFrame, path: Path) -> Resource:
    references = [
        {"fields": list(own), "reference": {"resource": other, "fields": list(theirs)}}
        for own, other, theirs in REFERENCES.get(table.name, ())
        if other in book.tables
    ]
    resource = TableResource(
        name=table.name,
        title=table.zh,
        description=f"{table.en}. 一行：{table.grain}",
        path=f"csv/{path.name}",
        scheme="file",
        format="csv",
        mediatype="text/csv",
        encoding="utf-8",
        hash=_sha256(path),
        bytes=path.stat().st_size,
        dialect=Dialect(controls=[CsvControl(line_terminator="\r\n")]),
        schema=Schema(
            fields=[_field(table, column, frame) for column in columns],
            missing_values=[""],
            primary_key=list(table.key),
            **({"foreign_keys": references} if references else {}),
        ),
    )
    resource.custom = {"titleEn": table.en, "rowCount": frame.height}
    return resource


def _parquet(table: Table, path: Path) -> Resource:
    """The Parquet file beside the CSV: its types are in the file."""
    return FileResource(
        name=f"{table.name}-parquet",
        title=f"{table.zh}（Parquet）",
        description=table.en,
        path=f"parquet/{path.name}",
        scheme="file",
        format="parquet",
        mediatype="application/vnd.apache.parquet",
        hash=_sha256(path),
        bytes=path.stat().st_size,
    )


def _field(table: Table, column: Column, frame: pl.DataFrame) -> Field:
    values = frame[column.name]
    constraints: dict[str, Any] = {}
    # a part of a key may be empty where a row has nothing to point at (consistency)
    if column.name in table.key and not values.null_count():
        constraints["required"] = True
    about = [column.en]
    if column.unit:
        about.append(f"单位：{column.unit}")
    if words := wording.WORDS.get(column.name):
        constraints["enum"] = sorted({*words, *values.drop_nulls()})
        about.append("；".join(f"{code} = {zh} · {en}" for code, (zh, en) in words.items()))
    # a rejected file is listed by the period that its folder claims
    if column.name in PATTERNS and (table.name, column.name) != ("deliveries", "period"):
        constraints["pattern"] = PATTERNS[column.name]
    kind = TYPES.get(column.kind, column.kind)
    field = Field.from_descriptor(
        {
            "name": column.name,
            "type": kind,
            "title": column.zh,
            "description": ". ".join(about),
            **({"constraints": constraints} if constraints else {}),
        }
    )
    if column.unit:
        field.custom = {"unit": column.unit}
    return field


def _package(book: Book, resources: list[Resource]) -> Package:
    imprint, periods = book.imprint, book["figures"]["period"]
    delivered = sorted(set(book["deliveries"]["source"])) if "deliveries" in book.tables else []
    named = {row["source"]: row["title"] for row in (book.rows("sources") if "sources" in book.tables else ())}
    package = Package(
        name=f"carestat-{imprint.name}",
        title=imprint.title,
        description=(
            f"{imprint.title_en}, edition {imprint.edition}. "
            "空白表示无数，不是零，原因见 obs_status；数值未舍入，显示位数见 decimals。"
            "An empty cell is missing, never zero; obs_status says why. Values are unrounded; decimals says "
            "how they are shown. "
            "许可由发布机关确定。The licence is for the publisher to set. " + "".join(book.caution or ())
        ),
        version=f"{imprint.year}.{imprint.edition}",
        created=imprint.released_at,
        keywords=["养老", "托育", "一老一小", "elderly care", "childcare"],
        sources=[
            *(
                {"title": " ".join(filter(None, (row["title"], row["number"])))}
                for row in (book.documents.values() if "documents" in book.tables else ())
            ),
            *({"title": named.get(source, source), "path": "csv/deliveries.csv"} for source in delivered),
        ],
        contributors=[{"title": "carestat", "roles": ["wrangler"]}],
        resources=resources,
    )
    package.custom = {
        "titleEn": imprint.title_en,
        "release": imprint.release_id,
        "codeVersion": imprint.code_version,
        "temporal": {"start": periods.min(), "end": periods.max()},
    }
    return package


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
