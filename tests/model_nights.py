"""Nights of the models alone: what stays from one to the next as in a real night, nothing checked, nothing released."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.checks.scope import NOTHING_STANDS
from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.build import Build
from pipelines.warehouse.dbt_process import manifest
from pipelines.warehouse.kept import begin, drop_others, keep, prepare_history, standing
from tests.models_run import dbt
from tests.night_told import Told


@dataclass
class ModelNights:
    """One installation in `home`, its deliveries in `raw`; `parsed` is where parsed models are kept."""

    home: Path
    raw: Path
    parsed: Path
    project: Path = PROJECT / "dbt_project"
    nights: list[Told] = field(default_factory=list)
    begun: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(self.raw, self.home / "var", self.project, PROJECT / "expectations")

    @property
    def last(self) -> Told:
        return self.nights[-1]

    def night(self, dies_at: str = "") -> None:
        """One over what lies in raw/ now. Where `dies_at` is given, dbt is killed at the first line in which that is
        found: nothing of such a night is kept but what it did to the history."""
        settings, name = self.settings, f"night-{self.begun}"
        self.begun += 1
        build = Build(settings.warehouse / "build" / name)
        build.start()
        goes_on = begin(settings, build, settings.warehouse / "releases" / self.last.name if self.nights else None)
        landing = Landing(raw=settings.raw, var=settings.var)
        for source in SOURCES:
            told = landing.land(source)
            build.record(source, {"delivery": told.delivery, "reconciliation": told.reconciliation})
            build.record_landed(source, told.files)
        build.open_landing({source: landing.empty(source) for source in SOURCES})
        current = build.folder.with_name("current")
        current.unlink(missing_ok=True)
        os.symlink(build.folder.name, current)
        history = prepare_history(settings)
        parsed = json.loads(manifest(replace(settings, var=self.parsed)).read_bytes())
        drop_others(build, history, parsed["nodes"].values())
        dbt(current, self.project, self.parsed, build.folder / "dbt", "build", "--exclude", "resource_type:unit_test",
            history=history, dies_at=dies_at)  # fmt: skip
        if not dies_at:
            files = {"marts": build.marts, "work": build.work, "history": history}
            stands = standing(build) if goes_on else NOTHING_STANDS
            self.nights.append(Told.of(name, parsed, build.folder / "dbt", files, stands))
            kept = settings.warehouse / "releases" / name
            kept.mkdir(parents=True)
            shutil.move(build.marts, kept / "marts.duckdb")
            keep(settings, build, name)
            in_service = settings.warehouse / "current"
            in_service.unlink(missing_ok=True)
            in_service.symlink_to(kept)
        build.discard()

    def from_nothing(self) -> Told:
        """The night of another installation over the same deliveries and the same landed files, with nothing kept."""
        home = self.home / f"anew-{self.begun}"
        (home / "var").mkdir(parents=True)
        os.symlink(self.home / "var" / "landing", home / "var" / "landing")
        other = ModelNights(home, self.raw, self.parsed, self.project)
        other.night()
        shutil.rmtree(home)
        return other.last

    def change_project(self, *changes: tuple[str, Callable[[str], str]]) -> None:
        """Other definitions: each file below dbt_project/ as the change makes it, which must change it."""
        project = self.home / "dbt_project"
        if self.project != project:
            shutil.copytree(self.project, project)
            self.project = project
        for name, change in changes:
            text = (project / name).read_text(encoding="utf-8")
            assert change(text) != text, f"nothing to be changed in {name}"
            (project / name).write_text(change(text), encoding="utf-8")
