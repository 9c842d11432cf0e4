"""One dbt run in a process of its own: prints its seconds, seconds by model and peak memory as JSON.

usage: one_build.py PROJECT TARGET ARGUMENT…; `models` is the time from the first model's start to the last one's end,
dbt's start and its closing left out. CARESTAT_BUILD and CARESTAT_HISTORY say where, as in a night.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from pathlib import Path


def main(project: str, target: str, arguments: list[str]) -> dict[str, object]:
    from dbt.cli.main import dbtRunner

    folders = ["--project-dir", project, "--profiles-dir", project, "--target-path", target, "--log-path", target]
    done = dbtRunner().invoke([*arguments, *folders, "--quiet"])
    if not done.success:
        raise SystemExit(f"dbt {' '.join(arguments)}: {done.exception or 'see ' + target + '/dbt.log'}")
    results = json.loads(Path(target, "run_results.json").read_text(encoding="utf-8"))["results"]
    spans = [(part["started_at"], part["completed_at"]) for result in results for part in result["timing"]]
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    return {
        "models": (datetime.fromisoformat(last) - datetime.fromisoformat(first)).total_seconds(),
        "steps": {result["unique_id"].split(".")[-1]: result["execution_time"] for result in results},
    }


if __name__ == "__main__":
    began = time.perf_counter()
    told = main(sys.argv[1], sys.argv[2], sys.argv[3:])
    # not ru_maxrss, which begins with the memory of the process that started this one
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps(told | {"seconds": time.perf_counter() - began, "peak_mb": int(peak.split()[1]) // 1024}))
