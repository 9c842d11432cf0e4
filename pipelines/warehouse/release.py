"""The release: ops tables into the build file, Parquet beside it, and one atomic swap (design §6)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import polars as pl

from pipelines.database import opened
from pipelines.progress import PROGRESS
from pipelines.publication.evidence.keep import EVIDENCE, keep_evidence
from pipelines.settings import Settings
from pipelines.warehouse.attribution import revisions
from pipelines.warehouse.build import Build
from pipelines.warehouse.export import EXPORTED_SCHEMAS, export_parquet
from pipelines.warehouse.kept import KEPT_RELEASES, keep
from pipelines.warehouse.night import Night
from pipelines.warehouse.ops import create_ops
from pipelines.warehouse.soundness import STATE, digests, state_of

#: how the id of a release begins
ID_TIME = "%Y%m%dT%H%M%SZ"
PARQUET = "parquet"
CANDIDATE = dg.AssetKey(["candidate"])


def computed_findings(build: Build) -> pl.DataFrame:
    """What the models found, in the shape of ops.finding."""
    connection = opened(build.spill, build.work, marts=build.marts)
    try:
        return connection.execute(
            "select finding, indicator_key, region_code, period, detail from indicators.computed_finding order by all"
        ).pl()
    finally:
        connection.close()


def last_made(settings: Settings) -> datetime | None:
    """When the newest release that is kept was made, going by its name: it may be damaged."""
    times = []
    for folder in (settings.warehouse / "releases").glob("*/"):
        with contextlib.suppress(ValueError):
            times.append(datetime.strptime(folder.name.partition("-")[0], ID_TIME).replace(tzinfo=UTC))
    return max(times, default=None)


def swap(settings: Settings, build: Build, release_id: str, state: dict[str, str]) -> None:
    """Put the build in service in one step: `marts.duckdb`, `parquet` and `release.json` all lead through the link
    `current`, which is replaced last. A run that dies before has released nothing. Readers keep what they have open."""
    for path in (build.marts, build.work):
        if path.with_suffix(path.suffix + ".wal").exists():
            raise RuntimeError(f"未写完的日志 · unfinished write-ahead log: {path.name}.wal")
    made = build.folder / "release"
    made.mkdir()
    os.chmod(build.marts, 0o640)
    os.replace(build.marts, made / "marts.duckdb")
    os.replace(build.folder / PARQUET, made / PARQUET)
    os.replace(build.folder / EVIDENCE, made / EVIDENCE)
    said = json.dumps(state | {"sha256": digests(made)}, indent=1, ensure_ascii=False)
    (made / STATE).write_text(said, encoding="utf-8")

    kept, current = settings.warehouse / "releases", settings.warehouse / "current"
    kept.mkdir(exist_ok=True)
    if current.exists():
        # complete, but of a run that died before it could put them in service; ids rise with every release
        for abandoned in [folder for folder in kept.iterdir() if folder.name > current.resolve().name]:
            shutil.rmtree(abandoned)
    os.rename(made, kept / release_id)
    for name in ("marts.duckdb", PARQUET, "release.json"):
        _lead(settings.warehouse / name, Path("current") / name, build.folder / "link")
    _lead(current, Path("releases") / release_id, build.folder / "link")
    for old in sorted(kept.iterdir())[:-KEPT_RELEASES]:
        shutil.rmtree(old)


def _lead(link: Path, target: Path, fresh: Path) -> None:
    """Make `link` lead to `target`, in one step; `fresh` is where the new link is made."""
    if not (link.is_symlink() and Path(os.readlink(link)) == target):
        os.symlink(target, fresh)
        os.replace(fresh, link)


def candidate_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The build file with all marts and the ops tables of the run: what the checks judge."""

    @dg.asset(
        key=CANDIDATE,
        deps=[dg.AssetKey(["landing", "delivery"]), *_published(models)],
        group_name="release",
        kinds={"duckdb"},
        description="候选发布：全部数据表，加上本次运行的交付、对账、拒收与发现；检查针对它进行",
    )
    def candidate(night: Night) -> dg.MaterializeResult:
        PROGRESS.step("checks")
        build = night.build
        findings = computed_findings(build)
        findings.write_parquet(build.ops / "finding.computed.parquet")
        connection = opened(build.spill, build.marts, read_only=False)
        try:
            connection.execute("create schema ops")
            create_ops(connection, "ops", build)
        finally:
            connection.close()
        return dg.MaterializeResult(metadata={"computed_findings": findings.height})

    return candidate


def release_asset(models: dg.AssetsDefinition) -> dg.AssetsDefinition:
    """The release of all marts and reference tables that the models make."""

    @dg.asset(
        key=["release"],
        deps=[CANDIDATE, *_published(models)],
        group_name="release",
        kinds={"duckdb", "parquet"},
        description="发布：检查通过后，一步替换统计人员读取的 marts.duckdb，并更新 Parquet；未通过则原发布继续服务",
    )
    def release(night: Night) -> dg.MaterializeResult:
        PROGRESS.step("release")
        return dg.MaterializeResult(metadata=put_in_service(night))

    return release


def _published(models: dg.AssetsDefinition) -> list[dg.AssetKey]:
    return [key for key in sorted(models.keys) if key.path[0] in EXPORTED_SCHEMAS]


def put_in_service(night: Night) -> dict[str, str | int]:
    """Finish the build file, export it and swap it in. Only reached when no blocking check failed.

    Returns the release id, the file's bytes and the number of indicator values that changed.
    """
    settings, build = night.settings, night.build
    now = datetime.now(UTC).replace(microsecond=0)
    if last := last_made(settings):  # ids rise also when the clock has been set back
        now = max(now, last + timedelta(seconds=1))
    release_id = now.strftime(ID_TIME) + "-" + build.folder.name[:8]
    state = {
        "release_id": release_id,
        "released_at": now.isoformat(),
        "fingerprint": night.fingerprint,
        "code_version": settings.code_version(),
    }
    deliveries = build.ops_frame("delivery")
    row = {**state, "released_at": now.replace(tzinfo=None), "deliveries": deliveries.height}
    pl.DataFrame([row]).write_parquet(build.ops / "release.this.parquet")
    changed = 0
    former = night.former and state_of(night.former)
    if former:
        told = f"{former['release_id']} → {release_id}"
        revision = revisions(build.marts, night.former / "marts.duckdb", told)
        revision.write_parquet(build.ops / "revision.this.parquet")
        changed = revision.height

    export_parquet(build.marts, build.folder / PARQUET, night.former and night.former / PARQUET, night.standing())
    connection = opened(build.spill, build.marts, read_only=False)
    try:
        create_ops(connection, "ops", build)
    finally:
        connection.close()
    size = build.marts.stat().st_size
    keep_evidence(settings, build, night.gone_on_from)
    swap(settings, build, release_id, state)
    keep(settings, build, release_id)
    return {"release_id": release_id, "bytes": size, "changed_values": changed}
