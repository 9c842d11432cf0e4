"""The dbt models as Dagster assets: parsed once per version of the models, run in one invocation a night."""

import contextlib
import io
import json
import shutil
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
        target = night.build.folder / "dbt"
        target.mkdir()
        shutil.copy(path.parent / "partial_parse.msgpack", target)
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
        # dbt's own lines are in var/logs; Dagster records its events while dbt goes on
        with contextlib.redirect_stdout(io.StringIO()):
            for event in invocation.stream():
                if isinstance(event, dg.Output):
                    made[event.metadata["unique_id"].value] = context.asset_key_for_output(event.output_name)
                    night.progress(len(made))
                yield event
        counts = row_counts(night.build.marts) | row_counts(night.build.work)
        described = described_columns(night.build.marts)
        for unique_id, key in made.items():
            node = parsed["nodes"][unique_id]
            table = (node["schema"], node["alias"])
            metadata: dict[str, Any] = {"dagster/row_count": counts[table]} if table in counts else {}
            # a document's table is headed by the registry, not by the manifest: its columns are known once it is made
            if not node["columns"] and table in described:
                metadata["dagster/column_schema"] = dg.TableSchema(columns=described[table])
            if metadata:
                context.log_event(dg.AssetObservation(key, metadata=metadata))

    return models


def described_columns(database: Path) -> dict[tuple[str, str], list[dg.TableColumn]]:
    """Every table's columns with type and comment, by schema and table."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        found = connection.execute(
            "select schema_name, table_name, column_name, data_type, comment from duckdb_columns()"
            " where not internal order by table_oid, column_index"
        ).fetchall()
    finally:
        connection.close()
    tables: dict[tuple[str, str], list[dg.TableColumn]] = {}
    for schema, table, name, kind, comment in found:
        tables.setdefault((schema, table), []).append(dg.TableColumn(name=name, type=kind, description=comment))
    return tables


def row_counts(database: Path) -> dict[tuple[str, str], int]:
    """Rows of every table of a database file that nobody writes, by schema and table."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        sizes = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
    finally:
        connection.close()
    return {(schema, table): size for schema, table, size in sizes}
