"""The dbt models as Dagster assets: parsed once per version of the models, run in one invocation a night."""

import contextlib
import io
import json
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliInvocation, dbt_assets
from packaging.version import Version

from pipelines.settings import Settings
from pipelines.warehouse.dbt_process import manifest
from pipelines.warehouse.kept import discard, drop_others, prepare_history
from pipelines.warehouse.night import Night
from pipelines.warehouse.workers import WORKERS


class Translator(DagsterDbtTranslator):
    """Assets are grouped by layer: the model's folder, `reference` for seeds."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return "reference" if dbt_resource_props["resource_type"] == "seed" else dbt_resource_props["fqn"][1]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        return dbt_resource_props.get("description") or _first_comment(dbt_resource_props.get("raw_code", ""))


def _first_comment(sql: str) -> str:
    """The comment that heads a model, as its description."""
    lines = []
    for line in sql.splitlines():
        if not line.startswith("-- "):
            break
        if not line.startswith("-- depends_on"):
            lines.append(line[3:])
    return " ".join(lines)


def model_assets(settings: Settings) -> dg.AssetsDefinition:
    """All models, seeds and their tests as one multi-asset: one dbt process a run."""
    path = manifest(settings)
    parsed = json.loads(path.read_bytes())
    translator = Translator()

    @dbt_assets(manifest=parsed, dagster_dbt_translator=translator, exclude="resource_type:unit_test", name="models")
    def models(context: dg.AssetExecutionContext, night: Night) -> Iterator[Any]:
        night.link_current()
        history = prepare_history(night.settings)
        drop_others(night.build, history, parsed["nodes"].values())
        target = night.build.folder / "dbt"
        target.mkdir()
        invocation = DbtCliInvocation(
            process=WORKERS.dbt(settings).build(target, night.dbt_vars),
            manifest=parsed,
            dagster_dbt_translator=translator,
            project_dir=settings.dbt_project,
            target_path=target,
            raise_on_error=True,
            cli_version=Version(version("dbt-core")),
            context=context,
        )
        WORKERS.checks()
        made: dict[str, dg.AssetKey] = {}
        headed_by_data = []
        # dbt's own lines are in var/logs; Dagster records its events while dbt goes on
        with contextlib.ExitStack() as if_it_fails, contextlib.redirect_stdout(io.StringIO()):
            if_it_fails.callback(discard, night.settings)
            for event in invocation.stream():
                if isinstance(event, dg.Output):
                    unique_id = event.metadata["unique_id"].value
                    made[unique_id] = context.asset_key_for_output(event.output_name)
                    night.progress(len(made))
                    if parsed["nodes"][unique_id]["schema"] == "marts" and not parsed["nodes"][unique_id]["columns"]:
                        headed_by_data.append((unique_id, event))
                        continue
                yield event
            if_it_fails.pop_all()
        # a document's table is headed by the registry: its columns can be told once dbt has left the file
        described = described_columns(night.build.marts)
        for unique_id, event in headed_by_data:
            columns = described[parsed["nodes"][unique_id]["alias"]]
            yield event.with_metadata({**event.metadata, "dagster/column_schema": dg.TableSchema(columns=columns)})
        counts = row_counts(night.build.marts) | row_counts(night.build.work) | row_counts(history)
        for unique_id, key in made.items():
            node = parsed["nodes"][unique_id]
            rows = counts.get((node["schema"], node["alias"]))
            if rows is not None:
                context.log_event(dg.AssetObservation(key, metadata={"dagster/row_count": rows}))

    return models


def described_columns(database: Path) -> dict[str, list[dg.TableColumn]]:
    """Table of schema marts → its columns with type and comment."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        found = connection.execute(
            "select table_name, column_name, data_type, comment from duckdb_columns()"
            " where schema_name = 'marts' and not internal order by table_oid, column_index"
        ).fetchall()
    finally:
        connection.close()
    tables: dict[str, list[dg.TableColumn]] = {}
    for table, name, kind, comment in found:
        tables.setdefault(table, []).append(dg.TableColumn(name=name, type=kind, description=comment))
    return tables


def row_counts(database: Path) -> dict[tuple[str, str], int]:
    """Rows of every table of a database file that nobody writes, by schema and table."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        tables = connection.execute(
            "select database_name, schema_name, table_name from duckdb_tables() order by all"
        ).fetchall()
        # estimated_size counts deleted rows, too, of which tables kept by period have some
        counts = {
            (schema, name): connection.execute(f'select count(*) from "{database}"."{schema}"."{name}"').fetchall()
            for database, schema, name in tables
        }
    finally:
        connection.close()
    return {table: rows for table, [(rows,)] in counts.items()}
