"""The checks in a process of their own: importing Great Expectations takes seconds, which pass while dbt works.

In a thread it would take the interpreter away from the run, which reads dbt's events meanwhile.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from pipelines.checks.outcome import CheckOutcome, CheckResult
from pipelines.checks.scope import Standing
from pipelines.settings import PROJECT


class CheckProcess:
    """Started early, asked once. It ends with the answer, with `close`, or when the run that started it dies."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.checks.process"],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
        )

    def run(
        self, database: Path, released: Path | None, suites_dir: Path, waivers: Path, standing: Standing
    ) -> CheckOutcome:
        """What `run_checks` finds on these files. Raises RuntimeError with its message where it raises or dies."""
        paths = [path and str(path) for path in (database, released, suites_dir, waivers)]
        request = json.dumps([*paths, sorted(standing.unchanged), dict(standing.made)])
        answer, _ = self._process.communicate(request)
        if not answer:
            raise RuntimeError(f"检查进程中断 · the check process ended with code {self._process.returncode}")
        told = json.loads(answer)
        if "error" in told:
            raise RuntimeError(f"检查无法执行 · the checks could not run: {told['error']}")
        return CheckOutcome([CheckResult(**result) for result in told["results"]])

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()


def answer_one_request() -> dict[str, object]:
    """Import first, then wait for the request on standard input, and judge."""
    gc.disable()  # what is imported stays until the answer
    try:
        from pipelines.checks.expect import preload
        from pipelines.checks.run import run_checks

        preload()
        request = sys.stdin.read()
        if not request:
            return {"results": []}
        *paths, unchanged, made = json.loads(request)
        outcome = run_checks(*(part and Path(part) for part in paths), Standing(frozenset(unchanged), made))
        return {"results": [asdict(result) for result in outcome.results]}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


if __name__ == "__main__":
    os.nice(5)  # dbt, beside which it is imported, comes first
    # the answer alone goes out there: on a slow machine DuckDB prints its progress, and not through Python
    answers = os.dup(sys.stdout.fileno())
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    found = answer_one_request()
    with os.fdopen(answers, "w", encoding="utf-8") as out:
        json.dump(found, out, ensure_ascii=False)
