"""The machine that a measurement ran on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

PACKAGES = ("duckdb", "polars", "dbt-core", "dbt-duckdb", "dagster", "great-expectations")


def machine() -> dict[str, Any]:
    """Date, cores, memory, versions, and the load average of the last minute."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "load": round(os.getloadavg()[0], 1),
    }


def in_words(told: dict[str, Any]) -> str:
    """One line of it."""
    versions = {"Python": told["python"]} | told["versions"]
    return (
        f"{told['date']}; {told['cores']} cores, {told['memory_gib']:.0f} GiB, {told['system']}"
        + "".join(f", {package} {number}" for package, number in versions.items())
        + f"; load average when it began {told['load']}"
    )
