"""One run over the warehouse: its lock, its build folder, and what is left when it ends."""

from __future__ import annotations

import os
from pathlib import Path

import dagster as dg
from filelock import FileLock
from pydantic import PrivateAttr

from pipelines.checks.scope import NOTHING_STANDS, Standing
from pipelines.landing.land import Landing
from pipelines.progress import PROGRESS
from pipelines.settings import Settings
from pipelines.warehouse.build import Build
from pipelines.warehouse.kept import begin, standing
from pipelines.warehouse.lock import hold, run_lock
from pipelines.warehouse.ops import write_ops_file
from pipelines.warehouse.soundness import comparable, state_of
from pipelines.warehouse.state import fingerprint, landing_of
from pipelines.warehouse.workers import WORKERS


class Night(dg.ConfigurableResource):
    """Held by all steps of a run. Taking it waits for any other run; leaving it records the run in ops.duckdb."""

    dbt_vars: str = ""
    _settings: Settings = PrivateAttr()
    _lock: FileLock = PrivateAttr()  # a lock that nothing refers to any more is released
    _build: Build = PrivateAttr()
    _landing: Landing = PrivateAttr()
    _former: Path | None = PrivateAttr()
    _fingerprint: str = PrivateAttr()
    _goes_on: bool = PrivateAttr(default=False)

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        self._settings = Settings.from_environment()
        self._lock = run_lock(self._settings.var)
        hold(self._lock)
        run_id = context.run_id or "adhoc"
        self._build = Build(self._settings.warehouse / "build" / run_id)
        self._sweep()
        self._build.start()
        self._former = comparable(self._settings)
        self._landing = landing_of(self._settings)
        self._fingerprint = fingerprint(self._settings, self._landing)
        WORKERS.ahead(self._settings)
        WORKERS.dbt(self._settings)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        WORKERS.close()
        try:
            # Dagster takes its resources once more after a run, for hooks: nothing happened then that could be told
            if self._build.has_recorded():
                write_ops_file(self._build, self._settings.ops)
        finally:
            try:
                self._build.discard()
            finally:
                self._lock.release()

    @property
    def settings(self) -> Settings:
        return self._settings

    @property
    def build(self) -> Build:
        return self._build

    @property
    def landing(self) -> Landing:
        """The deliveries as they lay when the run began; what arrives meanwhile waits for the next one."""
        return self._landing

    @property
    def former(self) -> Path | None:
        """The folder of the release that this run is compared with; None before the first, or if none is undamaged."""
        return self._former

    @property
    def fingerprint(self) -> str:
        """Of the deliveries as they lay when the run began, so that a later one is new to the next run."""
        return self._fingerprint

    def begin(self) -> None:
        """Give the build what stays of the former night."""
        self._goes_on = begin(self._settings, self._build, self._former)

    def standing(self) -> Standing:
        """What of the build is as in the former release: other code may judge the same rows otherwise, and write them
        in another way."""
        return standing(self._build) if self.gone_on_from else NOTHING_STANDS

    @property
    def gone_on_from(self) -> Path | None:
        """The folder of the former release where the build goes on from it and it was made by the same code."""
        said = self._goes_on and self._former and state_of(self._former)
        return self._former if said and said["code_version"] == self._settings.code_version() else None

    def link_current(self) -> Path:
        """The one name by which dbt reaches the build folder of the run (see dbt_environment)."""
        link = self._build.folder.parent / "current"
        link.unlink(missing_ok=True)
        os.symlink(self._build.folder.name, link)
        return link

    def progress(self, done: int, total: int | None = None, detail: str = "") -> None:
        PROGRESS.advance(done, total, detail)

    def _sweep(self) -> None:
        """Clear what runs that died left behind; the lock says that none of them lives."""
        for folder in (self._settings.warehouse / "build").glob("*/"):
            Build(folder).discard()
