"""The pages about the publication as a whole: across documents, checks, quality, money, methods, changes, files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import polars as pl

from pipelines.contracts import contract_of
from pipelines.landing.reasons import title_of
from pipelines.publication import numbers
from pipelines.publication.book import TABLES, whole_sum
from pipelines.publication.methods import NOTES, STATUS_RULES
from pipelines.publication.wording import WORDS

from .lookup import Lookup, Row
from .page import Page

#: what a reader may take away: path below the edition's folder → what it is
DATA_FILES = {
    "data/datapackage.json": ("Frictionless 数据包说明：表、列、单位、代码表", "Frictionless data package descriptor"),
    "data/sdmx/structure.xml": ("SDMX 结构：代码表、概念、数据结构定义", "SDMX structure message"),
    "data/sdmx/data.xml": ("SDMX 数据：指标值及观测状态", "SDMX data message"),
    "data/sdmx/data.csv": ("同上，SDMX-CSV", "The same as SDMX-CSV"),
}


def pages(look: Lookup) -> Iterator[Page]:
    yield _page("crosswalk", "跨文件对照", "Across documents", {"shared": _shared(look)})
    yield _page(
        "consistency", "目标核对", "Consistency of targets", {"kinds": _grouped(look.rows("consistency"), "check_kind")}
    )
    yield _page("money", "补贴与资金", "Subsidies, beneficiaries and funds", {})
    yield _page("quality", "数据质量", "Data quality", _quality(look))
    yield _page(
        "deliveries",
        "交付清单",
        "Deliveries used",
        {"by_source": _grouped(look.rows("deliveries"), "source")},
        "quality",
    )
    yield _page(
        "methods",
        "方法说明",
        "Methods",
        {"marks": numbers.MARKS, "flags": numbers.FLAGS, "words": WORDS, "rules": STATUS_RULES, "notes": NOTES},
    )
    yield _page(
        "changes", "变动", "Release note", {"tables": _grouped(look.rows("changes"), "table_name"), "titles": TABLES}
    )
    yield _page("downloads", "下载", "Downloads", {"files": downloads(look)})
    yield _page("search", "检索", "Search", {}, "")


def _page(name: str, title: str, title_en: str, content: Row, section: str | None = None) -> Page:
    section = name if section is None else section
    return Page(f"{name}.html", f"{name}.html", title, title_en, section and f"{section}.html", content)


def _grouped(rows: list[Row], column: str) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[column], []).append(row)
    return groups


def _shared(look: Lookup) -> list[tuple[Row, list[Row]]]:
    """Shared indicators, each with the rows of the documents that have it."""
    return [(rows[0], rows) for rows in _grouped(look.rows("crosswalk"), "indicator_key").values()]


def _quality(look: Lookup) -> Row:
    deliveries = look.book["deliveries"]
    counts = [column for column in deliveries.columns if column.startswith("rows_")]
    by_source = deliveries.group_by("source", maintain_order=True).agg(
        pl.len().alias("files"),
        *((pl.col("state") == state).sum().alias(state) for state in WORDS["state"]),
        *(whole_sum(column) for column in counts),
    )
    refusals = [
        row | {"reason_zh": title_of(row["reason"], contract_of(row["source"]))} for row in look.rows("refusals")
    ]
    year = look.book["figures"].filter(pl.col("period") == look.year)
    statuses = Counter(year["obs_status"])
    checks = look.rows("checks")
    return {
        "origins": look.rows("sources"),
        "by_source": by_source.to_dicts(),
        "totals": by_source.select(whole_sum(column) for column in ("files", *WORDS["state"], *counts)).to_dicts()[0],
        "refusals": refusals,
        "statuses": {status: statuses[status] for status in WORDS["obs_status"] if statuses[status]},
        "n_figures": year.height,
        "coverage": _grouped(look.rows("coverage"), "document_key"),
        "failed": [row for row in checks if not row["success"]],
        "n_checks": len(checks),
        "suites": _suites(checks),
    }


def _suites(checks: list[Row]) -> list[Row]:
    return [
        {"suite": suite, "checks": len(rows), "critical": sum(row["severity"] == "critical" for row in rows),
         "failed": sum(not row["success"] for row in rows)}
        for suite, rows in _grouped(checks, "suite").items()
    ]  # fmt: skip


def downloads(look: Lookup) -> list[Row]:
    """Every file of the edition beside the site, by the edition's layout."""
    stem = f"carestat-{look.book.imprint.name}"
    whole = [
        {"path": f"{stem}.pdf", "zh": "全书，可打印（PDF/UA）", "en": "The whole publication for print (PDF/UA)"},
        {"path": f"{stem}.xlsx", "zh": "全部表格（Excel 工作簿）", "en": "All tables as an accessible workbook"},
        *({"path": path, "zh": zh, "en": en} for path, (zh, en) in DATA_FILES.items()),
    ]
    tables = [
        {"path": f"data/{form}/{table.name}.{form}", "zh": table.zh, "en": table.en, "grain": table.grain,
         "rows": frame.height, "form": form, "table": table.name}
        for form in ("csv", "parquet")
        for table, _, frame in look.book.listed()
    ]  # fmt: skip
    return [*whole, *tables]
