"""The processes that work beside a run, so that two cores are busy: landing, dbt and the checks (docs: benchmarks)."""

from __future__ import annotations

from pipelines.checks.process import CheckProcess
from pipelines.landing.ahead import Ahead
from pipelines.settings import Settings
from pipelines.warehouse.dbt_process import DbtProcess


class Workers:
    """Each is started once a run, as early as it can be of use, and none outlives the run."""

    def __init__(self) -> None:
        self._ahead: Ahead | None = None
        self._dbt: DbtProcess | None = None
        self._checks: CheckProcess | None = None

    def ahead(self, settings: Settings) -> Ahead:
        """The process that lands sources from the other end."""
        self._ahead = self._ahead or Ahead(settings.raw, settings.var, settings.expectations)
        return self._ahead

    def dbt(self, settings: Settings) -> DbtProcess:
        """dbt, imported and with its models parsed."""
        self._dbt = self._dbt or DbtProcess(settings)
        return self._dbt

    def checks(self) -> CheckProcess:
        """Great Expectations, imported."""
        self._checks = self._checks or CheckProcess()
        return self._checks

    def close(self) -> None:
        for worker in (self._ahead, self._dbt, self._checks):
            if worker:
                worker.close()
        self._ahead = self._dbt = self._checks = None


#: the workers of this process's run
WORKERS = Workers()
