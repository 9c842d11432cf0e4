"""What a run records with our storage, Dagster reads with its own, and the other way round."""

from pathlib import Path

import dagster as dg
import pytest

DAGSTERS = "storage: {sqlite: {base_dir: HOME}}"
OURS = "storage: {custom: {module: pipelines.operations.event_log, class: Storage, config: {base_dir: HOME}}}"


@dg.asset
def counted(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
    for number in range(3):
        context.log_event(dg.AssetObservation("counted", metadata={"rows": number}))
    return dg.MaterializeResult(metadata={"rows": 3})


def instance(home: Path, storage: str) -> dg.DagsterInstance:
    said = f"telemetry: {{enabled: false}}\n{storage.replace('HOME', str(home))}\n"
    (home / "dagster.yaml").write_text(said, encoding="utf-8")
    return dg.DagsterInstance.from_config(str(home))


def recorded(dagster: dg.DagsterInstance, run_id: str) -> tuple[list[str], list[object], object]:
    """The events of a run in order; what was observed of the asset, and what was said of it when it was last made."""
    log = [entry.dagster_event.event_type_value for entry in dagster.all_logs(run_id) if entry.dagster_event]
    seen = dagster.fetch_observations(dg.AssetKey("counted"), 9).records
    observed = [one.event_log_entry.asset_observation.metadata["rows"].value for one in seen]
    made = dagster.get_latest_materialization_event(dg.AssetKey("counted"))
    return log, observed, made.asset_materialization.metadata["rows"].value


@pytest.mark.parametrize(("writes", "reads"), [(OURS, DAGSTERS), (DAGSTERS, OURS)])
def test_one_reads_what_the_other_wrote(tmp_path: Path, writes: str, reads: str) -> None:
    with instance(tmp_path, writes) as dagster:
        run = dg.materialize([counted], instance=dagster)
        told = recorded(dagster, run.run_id)
    with instance(tmp_path, reads) as dagster:
        assert recorded(dagster, run.run_id) == told
        assert [one.run_id for one in dagster.get_runs()] == [run.run_id]
        again = dg.materialize([counted], instance=dagster)
        assert again.success and len(dagster.get_runs()) == 2
    log, observed, rows = told
    assert (log.count("PIPELINE_START"), log[-1], log.count("ASSET_OBSERVATION")) == (1, "PIPELINE_SUCCESS", 3)
    assert (observed, rows) == ([2, 1, 0], 3)
