"""The asset publishes what the command would; the schedule asks once a year and forces nothing."""

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import dagster as dg
import pytest

from pipelines.publication import edition
from pipelines.publication.assets import YEARS, publication
from pipelines.publication.shelf import Shelf
from pipelines.schedules import annual
from tests.unit.publication.tiny_release import FIRST, FORMS, TinyRelease, content

#: 09:00 in Beijing
FIRST_OF_JUNE = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TinyRelease:
    made = TinyRelease.in_folder(tmp_path)
    for name, value in made.settings.variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(edition, "publish", partial(edition.publish, forms=FORMS, content_of=content()))
    return made


def run(**config: str) -> dg.ExecuteInProcessResult:
    with dg.DagsterInstance.ephemeral() as instance:
        return dg.materialize(
            [publication],
            instance=instance,
            partition_key="2025",
            run_config={"ops": {"publication": {"config": config}}},
            raise_on_error=False,
        )


def told(result: dg.ExecuteInProcessResult) -> str:
    [failure] = [event for event in result.all_events if event.is_step_failure]
    return failure.step_failure_data.error.cause.message


def test_a_partition_is_a_years_edition(tiny: TinyRelease) -> None:
    done = run()
    assert done.success
    [materialized] = done.asset_materializations_for_node("publication")
    assert (materialized.partition, materialized.metadata["edition"].value) == ("2025", "2025-1")
    assert materialized.metadata["release"].value == FIRST
    folder = Path(materialized.metadata["folder"].value)
    assert folder == tiny.settings.publication / "2025" / "1" and (folder / "manifest.json").exists()
    assert materialized.metadata["files"].value == 8


def test_a_refusal_fails_the_run_with_its_reasons_and_a_reason_forces_it(tiny: TinyRelease) -> None:
    tiny.last_run(None)
    refused = run()
    assert not refused.success and "不予公布" in told(refused) and f"在用的是 {FIRST}" in told(refused)
    assert Shelf(tiny.settings.publication).kept() == []
    assert run(force="人大会议需要").success
    [made] = Shelf(tiny.settings.publication).kept()
    assert made.manifest["imprint"]["forced_because"] == "人大会议需要"


def test_once_a_year_last_years_publication(tiny: TinyRelease) -> None:
    assert (annual.cron_schedule, annual.execution_timezone, annual.job_name) == (
        "0 9 1 6 *",
        "Asia/Shanghai",
        "publish",
    )
    assert annual.default_status is dg.DefaultScheduleStatus.STOPPED
    context = dg.build_schedule_context(scheduled_execution_time=FIRST_OF_JUNE)
    asked = annual(context)
    assert isinstance(asked, dg.RunRequest) and asked.partition_key == "2025"
    assert not asked.run_config, "nothing is forced"
    run()
    assert isinstance(annual(context), dg.SkipReason)


def test_years_are_partitions_once_they_are_over() -> None:
    keys = YEARS.get_partition_keys(current_time=FIRST_OF_JUNE)
    assert keys[0] == "2020" and keys[-1] == "2025"
