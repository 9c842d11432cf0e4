"""The models over landed deliveries without a night: nothing is checked, nothing released."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.settings import PROJECT
from pipelines.warehouse.build import Build


def landed(raw: Path, var: Path, folder: Path | None = None) -> Path:
    """A build folder whose landing holds these deliveries: all that dbt needs."""
    landing = Landing(raw=raw, var=var)
    build = Build(folder or var / "warehouse" / "build" / "unit")
    build.start()
    for source in SOURCES:
        told = landing.land(source)
        build.record(source, {"delivery": told.delivery, "reconciliation": told.reconciliation})
        build.record_landed(source, told.files)
    build.open_landing({source: landing.empty(source) for source in SOURCES})
    return build.folder


def dbt(
    build: Path,
    project: Path,
    parsed: Path,
    target: Path,
    *arguments: str,
    history: Path | None = None,
    dies_at: str = "",
) -> str:
    """Run dbt on a build folder as a night does, with models parsed once and kept in `parsed`; what it printed.

    Fails with that when dbt does. Where `dies_at` is given, dbt is killed at the first line in which that is found.
    """
    folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", target]
    files = {"BUILD": build, "HISTORY": history or build / "history.duckdb", "DBT_PROJECT": project, "VAR": parsed}
    with subprocess.Popen(
        [sys.executable, "-m", "pipelines.warehouse.dbt_process"],
        cwd=PROJECT,
        env={**os.environ, **{f"CARESTAT_{name}": str(path) for name, path in files.items()}, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as process:  # fmt: skip
        told = {"arguments": [*arguments, *map(str, folders)], "log": str(target)}
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()  # it ends when the pipe does
        lines = []
        for line in process.stdout:
            lines.append(f" {json.loads(line)['info']['msg']}" if line.startswith("{") else line.rstrip())
            if dies_at and re.search(dies_at, lines[-1]):
                process.kill()
    printed = "\n".join(lines)
    assert process.returncode == (-signal.SIGKILL if dies_at else 0), printed
    return printed
