"""The dbt models as Dagster assets: parsed once per version of the models, run in one invocation a night."""

import contextlib
import io
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets
from packaging.version import Version

from pipelines.settings import Settings
from pipelines.warehouse.manifest import dbt_environment, dbt_executable, manifest
from pipelines.warehouse.night import Night


class Dbt(DbtCliResource):
    """dbt's command, without what dagster-dbt prepares for features not used here: it would run `dbt --version` and
    load every macro a second time, six seconds a night. Should these names change, a run is slower and still right."""

    @property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> Any:
        return None


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
    parsed = manifest(settings)

    @dbt_assets(manifest=parsed, dagster_dbt_translator=Translator(), exclude="resource_type:unit_test", name="models")
    def models(context: dg.AssetExecutionContext, night: Night) -> Iterator[Any]:
        night.link_current()
        target = night.build.folder / "dbt"
        target.mkdir()
        shutil.copy(parsed.parent / "partial_parse.msgpack", target)
        night.start_checks()
        dbt = Dbt(
            project_dir=str(settings.dbt_project),
            profiles_dir=str(settings.dbt_project),
            dbt_executable=dbt_executable(),
        )
        os.environ.update(dbt_environment(settings))
        arguments = ["build", "--exclude", "resource_type:unit_test", "--log-path", str(settings.var / "logs")]
        if night.dbt_vars:
            arguments += ["--vars", night.dbt_vars]
        invocation = dbt.cli(arguments, context=context, target_path=target)
        events = []
        # dbt's own lines are in var/logs; Dagster records its events
        with contextlib.redirect_stdout(io.StringIO()):
            for event in invocation.stream():
                events.append(event)
                night.progress(len(events))
        counts = row_counts(night.build.marts) | row_counts(night.build.work)
        for event in events:
            name = getattr(event, "output_name", None)
            rows = counts.get(name) if name else None
            yield event.with_metadata({**event.metadata, "dagster/row_count": rows}) if rows is not None else event

    return models


def row_counts(database: Path) -> dict[str, int]:
    """Estimated size of every table of a database file, under Dagster's output name `schema__table`."""
    connection = duckdb.connect(str(database), read_only=True)
    try:
        sizes = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
    finally:
        connection.close()
    return {f"{schema}__{table}": size for schema, table, size in sizes}
