"""The publication as a Dagster asset, one partition a year. It does what `carestat publish` does."""

from datetime import UTC, datetime

import dagster as dg

from pipelines.publication.shelf import Shelf
from pipelines.settings import Settings

GROUP = "publication"
#: years that are over, from the documents' baseline on
YEARS = dg.TimeWindowPartitionsDefinition(start="2020", cron_schedule="0 0 1 1 *", fmt="%Y", timezone="Asia/Shanghai")


class Publishing(dg.Config):
    """`reason`: why another edition of a published year is made. `force`: why in spite of objections."""

    reason: str = ""
    force: str = ""


@dg.asset(
    key=["publication"],
    deps=[dg.AssetKey(["release"])],
    partitions_def=YEARS,
    group_name=GROUP,
    kinds={"html"},
    description="年度公报：由在用的发布制成，一版一个文件夹，制成后不再改动；检查未过、所辖地区缺报或未到公布时间时不予公布",
)
def publication(context: dg.AssetExecutionContext, config: Publishing) -> dg.MaterializeResult:
    from pipelines.publication.edition import Request, publish

    settings = Settings.from_environment()
    published = publish(
        settings,
        Request(context.partition_key, config.reason, config.force),
        datetime.now(UTC),
        Shelf(settings.publication),
    )
    manifest = published.edition.manifest
    return dg.MaterializeResult(
        metadata={
            "edition": published.edition.name,
            "is_new": published.is_new,
            "folder": dg.MetadataValue.path(published.edition.folder),
            "release": manifest["made_from"]["release"],
            "files": len(manifest["files"]),
            "bytes": sum(file["bytes"] for file in manifest["files"].values()),
            "hidden_counts": manifest["disclosure"]["hidden"],
        }
    )
