"""The floor of a night: `dbt run` of the same models on the same landed data, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from pipelines.landing.land import SOURCES, Landing
from pipelines.settings import Settings
from pipelines.warehouse.build import Build
from pipelines.warehouse.dbt_process import QUIET
from pipelines.warehouse.landed import ops_tables


class Floor:
    """A build folder with the landed data and the seeds in place, and the parsed models as a night finds them."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self._settings, self._folder = settings, folder
        self._ready, self._parsed = folder / "ready", folder / "parsed"
        landing = Landing(raw=settings.raw, var=settings.var)
        landing.discover()
        build = Build(self._ready)
        build.start()
        for source in SOURCES:
            landed = landing.land(source)
            build.record(source, ops_tables(landed))
            build.record_landed(source, landed.files)
        build.open_landing({source: landing.empty(source) for source in SOURCES})
        self._dbt("seed", self._start(), self._parsed)
        shutil.rmtree(self._ready)
        shutil.copytree(folder / "current", self._ready)

    def seconds(self) -> float:
        """Wall time of one cold `dbt run`, models only, with the parsed models at hand."""
        target = self._folder / "target"
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        shutil.copy(self._parsed / "partial_parse.msgpack", target)
        build = self._start()
        began = time.perf_counter()
        self._dbt("run", build, target)
        return time.perf_counter() - began

    def _start(self) -> Path:
        """A fresh copy of the build folder under the one name that dbt knows it by."""
        current = self._folder / "current"
        shutil.rmtree(current, ignore_errors=True)
        shutil.copytree(self._ready, current)
        return current

    def _dbt(self, command: str, build: Path, target: Path) -> None:
        project = self._settings.dbt_project
        folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", target]
        subprocess.run(
            [Path(sys.executable).with_name("dbt"), command, *folders],
            env={**os.environ, **QUIET, "CARESTAT_BUILD": str(build)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
