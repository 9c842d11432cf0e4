"""A comparison of two editions as text, as one HTML page that needs nothing else, and as CSV with every row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipelines.publication.book import COLUMNS, TABLES
from pipelines.publication.diff import CAME, HIDDEN, NONE, WAS_PUBLISHED, WENT, WHOLE_ROW
from pipelines.publication.shelf import Edition
from pipelines.warehouse.result_forms import as_csv as csv_text

TEMPLATE = "diff.html"
#: lines of one kind in the text; the page and the CSV have all
LINES = 40

#: kind of change → its heading; in the order shown
KINDS = {
    "status": "结论改变 · statuses that flipped",
    "changed": "数字改变 · figures changed",
    "published": "新公布 · newly published",
    "withdrawn": "不再有数 · withdrawn",
    "hidden": "现不公布 · now hidden",
    "document": "文件的行 · rows of documents",
    "definition": "定义与度量 · definitions and measures",
    "other": "其他 · others",
    "delivery": "交付文件 · deliveries",
    "between": "两年各自的数 · each year's own figures",
}
STATUSES = ("status", "task_status", "obs_status", "finding", "comparability", "is_met")
DEFINED = {"indicators": "definition", "measures": "definition", "deliveries": "delivery"}
WITHOUT = ("", NONE, HIDDEN, WAS_PUBLISHED, "…")


def kind_of(change: dict[str, Any]) -> str:
    """Which of KINDS a row of `changes` is."""
    table, column, old, new = (change[name] for name in ("table_name", "column", "old", "new"))
    if table in DEFINED:
        return DEFINED[table]
    if new == HIDDEN:
        return "hidden"
    if column in STATUSES:
        return "status"
    if column == WHOLE_ROW or COLUMNS[column].kind not in ("number", "integer"):
        return "document" if table.startswith("document") else "other"
    if old in WITHOUT:
        return "published"
    return "withdrawn" if new in WITHOUT else "changed"


def as_text(old: Edition, new: Edition, changes: pl.DataFrame, between: pl.DataFrame | None) -> str:
    """What changed, a heading a kind, up to LINES lines each."""
    kinds = _kinds(changes, _of_documents(old, between))
    told = [f"公报 {old.name} → {new.name}" + (f"：{reason}" if (reason := _reason(new)) else "")]
    if not kinds:
        told.append("没有不同 · no differences")
    for kind, rows in kinds.items():
        told += ["", f"{KINDS[kind]}：{len(rows)}"]
        told += [f"  {_line(row)}" for row in rows[:LINES]]
        if len(rows) > LINES:
            told.append(f"  另有 {len(rows) - LINES} 处，全部见 --format csv · more, all of them with --format csv")
    return "\n".join(told) + "\n"


def as_html(old: Edition, new: Edition, changes: pl.DataFrame, between: pl.DataFrame | None) -> str:
    """One page, style inside, a table a kind."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return templates.get_template(TEMPLATE).render(
        old=old.name,
        new=new.name,
        reason=_reason(new),
        kinds=_kinds(changes, _of_documents(old, between)),
        headings=KINDS,
        heading_of=_heading,
        table_of=lambda name: TABLES[name].zh,
    )


def as_csv(old: Edition, new: Edition, changes: pl.DataFrame, between: pl.DataFrame | None) -> str:
    """Every change, of two years every region's own figures too; `kind` as in KINDS."""
    rows = [row for kind in _kinds(changes, between).items() for row in ((kind[0], *one.values()) for one in kind[1])]
    return csv_text(["kind", *changes.columns], rows)


def _kinds(changes: pl.DataFrame, between: pl.DataFrame | None) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for row in changes.iter_rows(named=True):
        found[kind_of(row)].append(row)
    found["between"] = [] if between is None else between.to_dicts()
    return {kind: rows for kind, rows in found.items() if rows}


def _of_documents(edition: Edition, between: pl.DataFrame | None) -> pl.DataFrame | None:
    """Of the years' own figures those of the regions that documents govern; the others are too many to read."""
    if between is None:
        return None
    governed = edition.tables()["documents"]["region_code"].implode()
    return between.filter(pl.col("item").str.split("/").list.last().is_in(governed))


def _reason(edition: Edition) -> str:
    return edition.manifest.get("imprint", {}).get("reason", "")


def _heading(column: str) -> str:
    return "整行" if column == WHOLE_ROW else COLUMNS[column].zh


def _line(row: dict[str, Any]) -> str:
    what = row["item"] + (f"（{row['item_name']}）" if row["item_name"] else "")
    cause = f"  [{row['cause']}]" if row["cause"] else ""
    if row["column"] == WHOLE_ROW:
        return f"{what}  {CAME if row['new'] else WENT}{cause}"
    return f"{what}  {_heading(row['column'])}：{row['old'] or '无'} → {row['new'] or '无'}{cause}"
