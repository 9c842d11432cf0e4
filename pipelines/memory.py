"""One bound for the memory of a whole run, CARESTAT_MEMORY, and what each part of the run takes of it.

Steps follow each other, so each may take what the processes themselves leave; what does not fit is spilled to a folder
of the build, below var/.
"""

from __future__ import annotations

import os
import re

DEFAULT_MB = 6144
#: of one question of `carestat query`, which spills nothing
QUESTION_MB = 2048
LEAST_MB, LEAST_RUN_MB = 64, 1536
#: what Python holds in the processes of a run: Dagster, dbt, Great Expectations, polars
PROCESSES_MB = 1200
#: DuckDB counts its blocks, not all that it allocates
COUNTED = 0.8
UNITS = {"": 1, "MB": 1, "M": 1, "GB": 1024, "G": 1024}


def allowed_mb(least: int = LEAST_MB) -> int | None:
    """What the operator allows, in MB; None where nothing is said. Raises ValueError with the remedy."""
    given = os.environ.get("CARESTAT_MEMORY", "").strip()
    if not given:
        return None
    said = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Z]*)", given.upper())
    megabytes = int(float(said[1]) * UNITS[said[2]]) if said and said[2] in UNITS else 0
    if megabytes < least:
        raise ValueError(
            f"CARESTAT_MEMORY 应写作 4GB 或 4096（MB），不少于 {least}MB"
            f" · must be like 4GB, or whole MB, and at least {least}MB: {given}"
        )
    return megabytes


def run_mb() -> int:
    """What a run may take, in MB."""
    return allowed_mb(LEAST_RUN_MB) or DEFAULT_MB


def duckdb_mb() -> int:
    """What DuckDB may count in one step of a run, in MB."""
    return int((run_mb() - PROCESSES_MB) * COUNTED)
