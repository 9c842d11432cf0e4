"""The suites as blocking Dagster asset checks, all run in one step so that Great Expectations is loaded once."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from pipelines.checks.suite import check_specs
from pipelines.progress import PROGRESS
from pipelines.settings import Settings
from pipelines.warehouse.night import Night
from pipelines.warehouse.release import CANDIDATE
from pipelines.warehouse.workers import WORKERS


def asset_checks(settings: Settings) -> dg.AssetChecksDefinition:
    """One check per suite, on the candidate for release; a critical failure keeps the former release in service.

    They judge the candidate and not each mart, since a mart that others are made of cannot wait for its own check.
    """
    specs = [
        dg.AssetCheckSpec(name=suite, asset=CANDIDATE, description=f"{mart}：{text}", blocking=True)
        for mart, suite, text in check_specs(settings.expectations)
    ]

    @dg.multi_asset_check(specs=specs, name="expectations")
    def expectations(night: Night) -> Iterator[dg.AssetCheckResult]:
        PROGRESS.step("checks")
        build = night.build
        outcome = WORKERS.checks().run(
            build.marts,
            night.former and night.former / "marts.duckdb",
            settings.expectations,
            settings.expectations / "waivers.yml",
            night.standing(),
        )
        outcome.to_polars().write_parquet(build.ops / "check_result.this.parquet")
        for spec in specs:
            failures = outcome.of(spec.name).failures
            yield dg.AssetCheckResult(
                check_name=spec.name,
                asset_key=CANDIDATE,
                passed=not failures,
                severity=(
                    dg.AssetCheckSeverity.ERROR
                    if any(result.blocking for result in failures)
                    else dg.AssetCheckSeverity.WARN
                ),
                metadata={f"{result.check} ({result.severity})": str(result) for result in failures},
            )

    return expectations
