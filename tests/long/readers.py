"""Many readers at once while release after release is put in service: each read is of one release as a whole.

usage: python -m tests.long.readers [--readers 50] [--releases 20] [--seed 7] [--folder DIR] [--to readers.json]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pipelines.settings import PROJECT
from tests.integration.installation import AS_SHIPPED, RETURNS, Installation, deliver_small
from tests.long import reading, told

A_PROCESS = 5


class Reading:
    """Readers in processes of five, and one who notes what each release holds as soon as it is in service."""

    def __init__(self, installation: Installation, readers: int, seed: int) -> None:
        self.warehouse = installation.settings.warehouse
        self.readers = -(-readers // A_PROCESS) * A_PROCESS
        self.stop = installation.var / "stop-reading"
        self.stop.unlink(missing_ok=True)
        installation.var.mkdir(parents=True, exist_ok=True)
        self.releases: dict[str, dict[str, list[int]]] = {}
        self.said: list[dict[str, Any]] = []
        self.wrong: list[str] = []
        self._noting = threading.Thread(target=self._note, daemon=True)
        self._noting.start()
        self._processes = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.long.reading", self.warehouse, self.stop, str(seed + number),
                 *(["--holds-all"] if number == 0 else []), *(["--asks-command"] if number == 1 else [])],
                cwd=PROJECT, env={**os.environ, "PYTHONPATH": str(PROJECT)}, stdout=subprocess.PIPE, text=True,
            )
            for number in range(self.readers // A_PROCESS)
        ]  # fmt: skip

    def end(self) -> None:
        time.sleep(2)
        self.stop.touch()
        for process in self._processes:
            out, _ = process.communicate(timeout=300)
            if process.returncode:
                self.wrong.append(f"a process of readers ended with {process.returncode}")
            else:
                self.said += json.loads(out)
        self._noting.join()
        self.stop.unlink()

    def _note(self) -> None:
        """What each table of each release holds; only the last fourteen are kept."""
        while not self.stop.exists():
            for folder in sorted((self.warehouse / "releases").glob("*/parquet")):
                if folder.parent.name not in self.releases:
                    self.releases[folder.parent.name] = {
                        table: reading.hashed(folder / (table.replace(".", "/") + ".parquet"))
                        for table in reading.TABLES
                    }
            time.sleep(1)

    def told(self) -> dict[str, Any]:
        """Counts of reads by door, and every read that is not of one release as a whole."""
        wrong, reads, seen = list(self.wrong), Counter(), Counter()
        for reader in self.said:
            wrong += reader["errors"]
            if reader["order"] != sorted(reader["order"]):
                wrong.append(f"{reader['door']}: an earlier release after a later one: {reader['order']}")
            for release, content, times in reader["answers"]:
                reads[reader["door"]] += times
                seen[release] += times
                if not self._is_whole(release, json.loads(content)):
                    wrong.append(f"{reader['door']}: {times} times {content} under release {release!r}")
        throughout = [len(reader["order"]) for reader in self.said if reader["door"] == "file, held throughout"]
        if throughout != [1]:
            wrong.append(f"the file that was held throughout told of {throughout} releases")
        return {"readers": self.readers, "releases": len(self.releases), "reads": reads.total(), "by door": dict(reads),
                "by release": {name: seen[name] for name in sorted(self.releases)}, "wrong": wrong}  # fmt: skip

    def _is_whole(self, release: str, content: list[Any]) -> bool:
        if not release:
            table, held = content
            return held in [tables[table] for tables in self.releases.values()]
        return content == [self.releases.get(release, {}).get(table) for table in reading.TABLES]


@contextlib.contextmanager
def read_while(installation: Installation, readers: int, seed: int = 7) -> Iterator[Reading]:
    """Readers at work on an installation; what they saw is known afterwards."""
    at_work = Reading(installation, readers, seed)
    try:
        yield at_work
    finally:
        at_work.end()


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=50)
    parser.add_argument("--releases", type=int, default=20)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--to", type=Path, default=Path("readers.json"))
    options = parser.parse_args(arguments)
    installation = Installation.in_folder((options.folder or Path(tempfile.mkdtemp(prefix="readers-"))).resolve())
    deliver_small(installation.raw)
    installation.released_again()
    delivered = AS_SHIPPED
    with read_while(installation, options.readers, options.seed) as at_work:
        for number in range(1, options.releases + 1):
            following = f"pension_insured,{747000 + number},"
            installation.replace(RETURNS, delivered, following)
            delivered = following
            installation.released_again()
            print(f"{number:3}  {installation.in_service[1]}", flush=True)
    seen = at_work.told()
    told.keep(options.to, seen)
    print(told.table(("door", "reads"), [*seen["by door"].items(), ("all", seen["reads"])]))
    print(f"{seen['readers']} readers, {seen['releases'] - 1} releases put in service while they read")
    print(*seen["wrong"] or ["no wrong or torn read, no error"], sep="\n")
    return 1 if seen["wrong"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
