"""Nights of the models alone: what stays from one to the next as in a real night, nothing checked, nothing released."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.build import Build
from pipelines.warehouse.kept import begin, keep, prepare_history
from tests.models_run import dbt


@dataclass
class ModelNights:
    """One installation in `home`, its deliveries in `raw`; `parsed` is where parsed models are kept."""

    home: Path
    raw: Path
    parsed: Path
    project: Path = PROJECT / "dbt_project"
    nights: list[Path] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        return Settings(self.raw, self.home / "var", self.project, PROJECT / "expectations")

    def night(self, *selected: str) -> Path:
        """The marts over what lies in raw/ now. A night that makes some models only is one that died after these:
        nothing of it is kept but what it did to the history."""
        settings, name = self.settings, f"night-{len(list(self.home.glob('var/warehouse/build/night-*')))}"
        build = Build(settings.warehouse / "build" / name)
        build.start()
        begin(settings, build, self.nights[-1] if self.nights else None)
        landing = Landing(raw=settings.raw, var=settings.var)
        for source in SOURCES:
            told = landing.land(source)
            build.record(source, {"delivery": told.delivery, "reconciliation": told.reconciliation})
            build.record_landed(source, told.files)
        build.open_landing({source: landing.empty(source) for source in SOURCES})
        current = build.folder.with_name("current")
        current.unlink(missing_ok=True)
        os.symlink(build.folder.name, current)
        select = ("--select", *selected) if selected else ()
        dbt(current, self.project, self.parsed, build.folder / "dbt", "build", "--exclude", "resource_type:unit_test",
            *select, history=prepare_history(settings))  # fmt: skip
        if not selected:
            kept = settings.warehouse / "releases" / name
            kept.mkdir(parents=True)
            shutil.copy(build.marts, kept / "marts.duckdb")
            keep(settings, build, name)
            self.nights.append(kept)
        return build.marts

    def made(self) -> set[str]:
        """Models and seeds to which the last night gave other rows."""
        [kept] = self.settings.history.parent.glob(f"work-{self.nights[-1].name}-*")
        found: set[str] = set()
        for database in (kept, self.settings.history):
            with duckdb.connect(str(database), read_only=True) as connection:
                rows = connection.execute("select node from kept.state where is_changed").fetchall()
            found |= {node.split(".")[-1] for (node,) in rows}
        return found

    def from_nothing(self, home: Path) -> ModelNights:
        """Another installation over the same deliveries and the same landed files, with nothing kept."""
        (home / "var").mkdir(parents=True)
        os.symlink(self.home / "var" / "landing", home / "var" / "landing")
        return ModelNights(home, self.raw, self.parsed, self.project)


def tables(marts: Path) -> dict[str, list[tuple]]:
    """All rows of every table of `reference` and `marts`, in order."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{marts}' as built (read_only)")
        names = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() where database_name = 'built' order by all"
        ).fetchall()
        return {name: connection.execute(f"select * from built.{name} order by all").fetchall() for (name,) in names}
