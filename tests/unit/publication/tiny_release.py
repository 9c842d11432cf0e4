"""A release made by hand: two counties of one document, a handful of figures, in the folders of a real installation."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from pipelines.publication import manifest
from pipelines.publication.book import COLUMNS, Book, Imprint
from pipelines.publication.edition import Content
from pipelines.publication.shelf import Edition, Shelf
from pipelines.settings import PROJECT, Settings

FIRST, SECOND = "20260105T000000Z-aaaaaaaa", "20260207T000000Z-bbbbbbbb"
KINDS = {"integer": pl.Int64, "number": pl.Float64, "boolean": pl.Boolean}

SCHEMA = """
create schema reference; create schema marts;
create table reference.document (document_key varchar, title_zh varchar, scope_region varchar);
create table reference.region_supplier (period varchar, region_code varchar, supplier_code varchar, born_level varchar);
create table reference.region_year (period varchar, region_code varchar, region_name varchar);
create table marts.document_indicator (document_key varchar, indicator_key varchar, variant varchar);
create table marts.indicator_value (indicator_key varchar, variant varchar, region_code varchar, period varchar,
    value double, obs_status varchar, coverage_n integer);
insert into reference.document values ('plan', '方案', '511700');
insert into reference.region_supplier values
    ('2025', '511700', '511702', 'county'),
    ('2025', '511700', '511703', 'county'),
    ('2025', '511702', '511702', 'county'),
    ('2025', '511700', '511700', 'prefecture');
insert into reference.region_year values
    ('2025', '511700', '达州市'),
    ('2025', '511702', '通川区'),
    ('2025', '511703', '达川区');
insert into marts.document_indicator values ('plan', 'beds', 'default');
insert into marts.indicator_value values
    ('beds', 'default', '511700', '2025', 120, 'A', 2),
    ('beds', 'default', '511702', '2025', 70, 'A', 1),
    ('beds', 'default', '511703', '2025', 50, 'A', 1),
    ('beds', 'default', '511702', '2024', 60, 'A', 1);
"""

DELIVERY = {
    "source": "elderly_facilities", "period": "2025-12", "supplier": "511702", "revision": 1,
    "path": "elderly_facilities/2025-12/511702.csv", "sha256": "a" * 64, "state": "landed",
}  # fmt: skip
FIGURE = {
    "indicator_key": "beds", "variant": "default", "region_code": "511702", "period": "2025", "region_name": "通川区",
    "indicator_name": "床位数", "unit": "张", "decimals": 0, "value": 70.0, "numerator": 70.0, "denominator": None,
    "extreme": None, "obs_status": "A", "conf_status": "F",
}  # fmt: skip
ROW = {
    "document_key": "plan", "table_key": "annex_1", "row_no": 1, "label": "床位", "unit": "张", "indicator_key": "beds",
    "variant": "default", "region_code": "511700", "actual_period": "2025", "actual_value": 120.0, "decimals": 0,
    "status": "ON_TRACK", "obs_status": "A", "target_printed": "≥150", "baseline_actual": 100.0,
}  # fmt: skip
INDICATOR = {
    "indicator_key": "beds", "variant": "default", "indicator_name": "床位数", "definition": "年末在用机构的床位",
    "numerator_measure": "beds", "numerator_addend": None, "denominator_measure": None, "document_rows": 1,
}  # fmt: skip
MEASURE = {
    "measure_key": "beds", "measure_name": "床位", "source": "elderly_facilities", "stock_or_flow": "stock",
    "annual_rule": "last", "note": None,
}  # fmt: skip


def frame(*rows: dict[str, Any]) -> pl.DataFrame:
    """Rows as a published table has them: every column of the kind that is declared for its name."""
    return pl.DataFrame(rows, schema={name: KINDS.get(COLUMNS[name].kind, pl.String) for name in rows[0]})


def tables(**replaced: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """A small publication."""
    return {
        "documents": frame({"document_key": "plan", "title": "方案", "region_code": "511700"}),
        "document_rows": frame(ROW),
        "figures": frame(
            FIGURE | {"region_code": "511700", "region_name": "达州市", "value": 120.0, "numerator": 120.0},
            FIGURE,
            FIGURE | {"region_code": "511703", "region_name": "达川区", "value": 50.0, "numerator": 50.0},
        ),
        "indicators": frame(INDICATOR),
        "measures": frame(MEASURE),
        "regions": frame(
            {"region_code": "511700", "region_name": "达州市", "region_level": "prefecture", "parent_code": "510000"},
            {"region_code": "511702", "region_name": "通川区", "region_level": "county", "parent_code": "511700"},
            {"region_code": "511703", "region_name": "达川区", "region_level": "county", "parent_code": "511700"},
        ),
        "deliveries": frame(DELIVERY),
    } | replaced


def book(edition: int = 1, year: str = "2025", code: str = "code", **replaced: pl.DataFrame) -> Book:
    return Book(Imprint(year, edition, FIRST, "2026-01-05T00:00:00+00:00", code), tables(**replaced))


def as_parquet(made: Book, folder: Path) -> None:
    """The cheapest form that a later edition can be compared with."""
    (folder / "data" / "parquet").mkdir(parents=True)
    for name, rows in made.tables.items():
        rows.write_parquet(folder / "data" / "parquet" / f"{name}.parquet")
    (folder / "cover.txt").write_text(f"{made.imprint}\n", encoding="utf-8")


def kept(made: Book, root: Path) -> Edition:
    """The book as an edition on the shelf, without the rest of publishing."""
    folder = root / made.imprint.year / str(made.imprint.edition)
    as_parquet(made, folder)
    manifest.write(folder, manifest.manifest(made, {"release": "r"}, {}, folder))
    return Shelf(root).named(made.imprint.name)


FORMS = (("plain", as_parquet),)


def content(**replaced: pl.DataFrame) -> Any:
    """Stands in for queries and disclosure control; keeps, as they do, a file for later editions."""

    def content_of(*_: Any) -> Content:
        def remember(path: Path) -> None:
            path.parent.mkdir(exist_ok=True)
            path.write_text("true counts")

        return Content(tables(**replaced), {"hidden": 0}, remember)

    return content_of


@dataclass(frozen=True)
class TinyRelease:
    settings: Settings

    @classmethod
    def in_folder(cls, folder: Path, release_id: str = FIRST) -> TinyRelease:
        (folder / "dbt" / "seeds").mkdir(parents=True)
        made = cls(Settings(folder / "raw", folder / "var", folder / "dbt", PROJECT / "expectations"))
        made.calendar()
        made.release(release_id)
        made.last_run(release_id)
        return made

    def calendar(self, *rows: str) -> None:
        text = "\n".join(["year,embargo_until,approved_by,note", *rows]) + "\n"
        self.settings.seed("publication_calendar").write_text(text, encoding="utf-8")

    def release(self, release_id: str, *statements: str) -> None:
        """Put a release in service, changed by the statements."""
        warehouse = self.settings.warehouse
        folder = warehouse / "releases" / release_id
        folder.mkdir(parents=True)
        connection = duckdb.connect()
        for statement in (f"attach '{folder / 'marts.duckdb'}' as made", "use made", SCHEMA, *statements):
            connection.execute(statement)
        connection.close()
        moment = "2026-01-05T00:00:00+00:00"
        facts = {"release_id": release_id, "released_at": moment, "fingerprint": "print", "code_version": "code"}
        (folder / "release.json").write_text(json.dumps(facts))
        (warehouse / "current").unlink(missing_ok=True)
        os.symlink(folder, warehouse / "current")
        for name in ("marts.duckdb", "release.json"):
            (warehouse / name).unlink(missing_ok=True)
            os.symlink(Path("current") / name, warehouse / name)

    def last_run(self, release_id: str | None, *checks: tuple[str, str, bool, bool]) -> None:
        """What the last run recorded: its release, if any, and checks (name, severity, success, waived)."""
        self.settings.ops.unlink(missing_ok=True)
        connection = duckdb.connect(str(self.settings.ops))
        connection.execute("create table release (release_id varchar)")
        connection.execute(
            'create table check_result (suite varchar, "check" varchar, severity varchar, success boolean,'
            " waived boolean, reason_zh varchar)"
        )
        if release_id:
            connection.execute("insert into release values (?)", [release_id])
        for name, severity, success, waived in checks:
            connection.execute(
                "insert into check_result values ('indicator_value', ?, ?, ?, ?, '理由')",
                [name, severity, success, waived],
            )
        connection.close()
