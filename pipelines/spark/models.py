"""The dbt models in a Spark session: what lies in raw/ is landed as a night lands it, then built and tested by dbt."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.settings import Settings
from pipelines.spark.landing import landed_bytes, register
from pipelines.spark.session import session
from pipelines.warehouse.build import Build
from pipelines.warehouse.lock import hold, run_lock
from pipelines.warehouse.state import landing_of

FORMULAS = "test_type:unit"


class SparkFolder:
    """What a run on Spark leaves below var/spark/: tables as Parquet, dbt's own files, links to the landed files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.build = Build(folder / "build")
        self.landing = folder / "landing"
        self.tables = folder / "warehouse"
        self.target = folder / "dbt"

    @property
    def manifest(self) -> Path:
        return self.target / "manifest.json"

    def start(self) -> None:
        """Begin empty, closed to others: there are persons' keyed hashes in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True, mode=0o700)


def build(settings: Settings, cores: int, memory: str, formulas: bool, select: tuple[str, ...]) -> bool:
    """Land, build and test on Spark in this process; whether everything passed. dbt prints its own lines.

    `formulas`: run dbt's unit tests too. Raises AnotherRun while a night holds the installation.
    """
    lock = run_lock(settings.var)
    hold(lock)
    try:
        made = SparkFolder(settings.var / "spark")
        made.start()
        land(landing_of(settings), made.build)
        return run_dbt(settings, made, cores, memory, ("build", *_selection(formulas, select)))
    finally:
        lock.release()


def land(landing: Landing, into: Build) -> None:
    """The deliveries in force, as a night hands them to dbt."""
    into.start()
    told = {source: landing.land(source) for source in SOURCES}
    for source, landed in told.items():
        into.record_landed(source, landed.files)
    for name, landed in (*told.items(), ("strays", landing.strays())):
        into.record(name, {"delivery": landed.delivery, "reconciliation": landed.reconciliation})
    into.open_landing({source: landing.empty(source) for source in SOURCES})


def run_dbt(settings: Settings, made: SparkFolder, cores: int, memory: str, arguments: tuple[str, ...]) -> bool:
    """One dbt command in a session over what was landed; whether it succeeded."""
    spark = session(made.tables, landed_bytes(made.build.folder), cores, memory)
    register(spark, made.build.folder, made.landing)
    os.environ["CARESTAT_SPARK_THREADS"] = str(cores)
    from dbt.cli.main import dbtRunner

    project = str(settings.dbt_project)
    folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", str(made.target)]
    folders += ["--log-path", str(made.target)]
    return dbtRunner().invoke([*arguments, "--target", "spark", *folders]).success


def _selection(formulas: bool, select: tuple[str, ...]) -> list[str]:
    chosen = [] if formulas else ["--exclude", FORMULAS]
    return [*chosen, "--select", *select] if select else chosen
