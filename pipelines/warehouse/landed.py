"""Landing as Dagster assets: a delivery folder, and the landed table made of it, for each source."""

from __future__ import annotations

import time
from pathlib import Path

import dagster as dg
import polars as pl

from pipelines.contracts import CONTRACTS
from pipelines.contracts.delivery import columns_of, facts_of
from pipelines.landing.answers import write_answers
from pipelines.landing.land import SOURCES
from pipelines.landing.origins import origins
from pipelines.landing.results import Landed
from pipelines.progress import PROGRESS
from pipelines.warehouse.night import Night


def delivery_folders() -> list[dg.AssetSpec]:
    """The folders that departments deliver into: where every number starts."""
    return [
        dg.AssetSpec(
            key=["raw", source],
            group_name="raw",
            description=f"{CONTRACTS[source].title_zh}：raw/{source}/<所属期>/<报送单位>[_rN].csv|xlsx|parquet",
            kinds={"file"},
            metadata={"department": CONTRACTS[source].supplier_department, "grain": CONTRACTS[source].grain},
        )
        for source in SOURCES
    ]


def landed_table(source: str) -> dg.AssetsDefinition:
    """The landed rows of one source. Regions come first, since every other source is checked against them."""
    contract = CONTRACTS[source]
    before = [["landing", earlier] for earlier in _checked_against(source)]

    @dg.asset(
        key=["landing", source],
        deps=[["raw", source], *before],
        group_name="landing",
        kinds={"polars", "parquet"},
        description=f"{contract.title_zh}：合乎契约的行；不合的在 ops.quarantine，附原因、文件和行号",
        metadata={"dagster/column_schema": _column_schema(contract)},
    )
    def landed(night: Night) -> dg.MaterializeResult:
        PROGRESS.step("landing", total=len(SOURCES))
        began = time.monotonic()
        result = night.landing.land(source)
        answers = write_answers(result, night.settings.raw, night.settings.var)
        night.build.record(source, ops_tables(result))
        night.build.record_landed(source, result.files)
        if source == "regions" and not result.rows:
            raise dg.Failure(
                f"区划名录没有可用的行，无法核对任何数据，请查 {night.settings.raw} 是否挂载、regions 是否在内"
                " · no usable register in raw/regions: is the folder of deliveries mounted?"
            )
        night.progress(SOURCES.index(source) + 1, len(SOURCES), contract.title_zh)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": result.rows,
                "bytes": result.bytes,
                "seconds": round(time.monotonic() - began, 3),
                "files": result.delivery.height,
                "quarantined_rows": result.reconciliation["quarantined"].sum(),
                "answers": answers,
                "findings": result.finding.height,
                "corrected_cells": result.correction.height,
            }
        )

    return landed


@dg.asset(
    key=["landing", "delivery"],
    deps=[["landing", source] for source in SOURCES],
    group_name="landing",
    kinds={"duckdb"},
    description="交付清单，并为本次运行开启计算库：每个来源一个视图，指向有效的已接收文件",
)
def deliveries(night: Night) -> dg.MaterializeResult:
    """Open the build file over what was landed; the models start from here. Files in folders that no source has are
    reported with the rest."""
    strays = night.landing.strays()
    write_answers(strays, night.settings.raw, night.settings.var)
    night.build.record("strays", ops_tables(strays))
    night.build.record("cards", {"origin": origins(night.settings.raw)})
    night.begin()
    sources = night.build.open_landing({source: night.landing.empty(source) for source in SOURCES})
    states = night.build.ops_frame("delivery").group_by("state").len().sort("state")
    PROGRESS.step("models")
    return dg.MaterializeResult(
        metadata={"sources": sources, **{row["state"]: row["len"] for row in states.iter_rows(named=True)}}
    )


LANDED_MONTH = dg.AssetSpec(
    key=["landing", "landed_month"],
    deps=[["landing", "delivery"]],
    group_name="landing",
    kinds={"duckdb"},
    description="各来源各期有效的已接收文件（摘要），与交付清单一同写入：变了的月份才重算",
)


def ops_tables(result: Landed) -> dict[str, pl.DataFrame | list[Path]]:
    """What landing tells the ops tables."""
    return {
        "delivery": result.delivery,
        "reconciliation": result.reconciliation,
        "quarantine": result.quarantined,
        "finding": result.finding,
        "correction": result.correction,
    }


def _checked_against(source: str) -> list[str]:
    """The sources whose landed rows decide about this one's: the regions, and registers that a column refers to."""
    if source == "regions":
        return []
    named = {register for facts in facts_of(CONTRACTS[source]).values() for register in facts.references}
    return ["regions", *sorted(named)]


def _column_schema(contract: type) -> dg.TableSchema:
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name=column["name"], type=column["kind"], description=column["description"])
            for column in columns_of(contract)
            if column["landed"]
        ]
    )


def landing_assets() -> list[dg.AssetsDefinition | dg.AssetSpec]:
    return [*(landed_table(source) for source in SOURCES), deliveries, LANDED_MONTH]
