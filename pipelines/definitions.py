"""The Dagster code location: assembles the graph and nothing else."""

import os

import dagster as dg

from pipelines.operations.freshness import freshness, hourly_watch, watch
from pipelines.operations.sensors import night_sensors
from pipelines.publication.assets import publication
from pipelines.schedules import annual, new_deliveries, nightly, nightly_schedule, publish
from pipelines.settings import Settings
from pipelines.warehouse.checked import asset_checks
from pipelines.warehouse.landed import delivery_folders, landing_assets
from pipelines.warehouse.models import model_assets
from pipelines.warehouse.night import Night
from pipelines.warehouse.release import candidate_asset, release_asset

SETTINGS = Settings.from_environment()
SETTINGS.export()

_models = model_assets(SETTINGS)

defs = dg.Definitions(
    assets=[
        *delivery_folders(),
        *landing_assets(),
        _models,
        candidate_asset(_models),
        release_asset(_models),
        publication,
    ],
    asset_checks=[asset_checks(SETTINGS), freshness],
    jobs=[nightly, publish, watch],
    schedules=[nightly_schedule, annual],
    sensors=[new_deliveries, hourly_watch, *night_sensors],
    resources={"night": Night(dbt_vars=os.environ.get("CARESTAT_DBT_VARS", ""))},
    executor=dg.in_process_executor,
)
