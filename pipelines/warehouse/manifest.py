"""The models' manifest: parsed once per version of the models, while what needs it is still importing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from filelock import FileLock

from pipelines.settings import Settings

QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false", "DO_NOT_TRACK": "1"}


def dbt_executable() -> str:
    """dbt beside the running interpreter, whatever PATH says."""
    return str(Path(sys.executable).parent / "dbt")


def dbt_environment(settings: Settings) -> dict[str, str]:
    """What dbt is told. The build folder has one name, or dbt would parse everything anew each night."""
    return QUIET | {"CARESTAT_BUILD": str(settings.warehouse / "build" / "current")}


def manifest(settings: Settings) -> Path:
    """The models' manifest, parsed on first need and kept under their version; whoever needs it meanwhile waits.

    Raises RuntimeError with dbt's own words when the models cannot be parsed.
    """
    kept = settings.var / "dbt" / settings.models_version()[:16]
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.parent / "parse.lock"):
        if not kept.exists():
            _parse(settings, kept)
    return kept / "manifest.json"


def _parse(settings: Settings, kept: Path) -> None:
    """dbt's target folder of a parse, in place in one step: a killed parse leaves nothing that looks complete."""
    for left in kept.parent.glob("parsing-*"):
        shutil.rmtree(left)
    fresh = tempfile.mkdtemp(prefix="parsing-", dir=kept.parent)
    folders = ["--project-dir", settings.dbt_project, "--profiles-dir", settings.dbt_project]
    parsed = subprocess.run(
        [dbt_executable(), "parse", *folders, "--target-path", fresh, "--log-path", fresh],
        env=os.environ | dbt_environment(settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if parsed.returncode:
        raise RuntimeError(f"dbt 无法解析模型 · the models cannot be parsed:\n{parsed.stdout}")
    os.rename(fresh, kept)
