"""The Dagster code location: assembles the graph and nothing else."""

import dagster as dg

from pipelines.checks.assets import asset_checks
from pipelines.landing.assets import delivery_folders, landing_assets
from pipelines.schedules import new_deliveries, nightly, nightly_schedule
from pipelines.settings import Settings
from pipelines.warehouse.models import model_assets
from pipelines.warehouse.night import Night
from pipelines.warehouse.release import candidate_asset, release_asset

SETTINGS = Settings.from_environment()
SETTINGS.export()

_models = model_assets(SETTINGS)

defs = dg.Definitions(
    assets=[*delivery_folders(), *landing_assets(), _models, candidate_asset(_models), release_asset(_models)],
    asset_checks=[asset_checks(SETTINGS)],
    jobs=[nightly],
    schedules=[nightly_schedule],
    sensors=[new_deliveries],
    resources={"night": Night()},
    executor=dg.in_process_executor,
)
