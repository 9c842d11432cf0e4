"""Five statisticians in one process, each with a connection of their own, who read until told to stop.

Prints, as JSON, each different answer of each door with how often it came, and every error.

usage: python -m tests.long.reading WAREHOUSE STOP SEED [--holds-all] [--asks-command]
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from pipelines.warehouse import read

TABLES = ("marts.indicator_value", "marts.document_indicator", "marts.facility")
EACH = ", ".join(f"(select [count(*), bit_xor(hash(t))] from {table} as t)" for table in TABLES)
#: release, then rows and a hash of all cells for each table
QUESTION = f"select release_id, {EACH} from ops.release"
#: seconds between two reads of one reader, and while a release is being put in service
PAUSES, SHORT_PAUSES = (5.0, 15.0), (0.2, 2.0)
#: a held connection is given back after so many questions
HELD_FOR = 12

Answer = tuple[str, str]


class Reader(threading.Thread):
    """Asks at one door; `answers` counts (release, what was read), in the order in which they first came."""

    def __init__(self, door: str, warehouse: Path, stop: Path, seed: int, ask: Callable[[], Iterator[Answer]]) -> None:
        super().__init__(name=door, daemon=True)
        self.door, self.warehouse, self.stop, self.ask = door, warehouse, stop, ask
        self.chance = random.Random(f"{seed} {door}")
        self.answers: Counter[Answer] = Counter()
        self.errors: list[str] = []
        self.order: list[str] = []

    def run(self) -> None:
        asking = self.ask()
        while not self.stop.exists():
            try:
                release, content = next(asking)
            except Exception as wrong:
                self.errors.append(f"{self.door}: {type(wrong).__name__}: {wrong}")
                asking = self.ask()
                continue
            self.answers[release, content] += 1
            if self.order[-1:] != [release]:
                self.order.append(release)
            self._think()

    def _think(self) -> None:
        began = time.monotonic()
        pause, short = self.chance.uniform(*PAUSES), self.chance.uniform(*SHORT_PAUSES)
        while not self.stop.exists():
            waited = time.monotonic() - began
            if waited > pause or (waited > short and self._being_released()):
                return
            time.sleep(0.3)

    def _being_released(self) -> bool:
        return any((self.warehouse / "build").glob("*/parquet"))


def content(row: tuple[object, ...]) -> str:
    return json.dumps(row)


def anew(warehouse: Path) -> Iterator[Answer]:
    """The released file, opened for each question, as `carestat query` does."""
    while True:
        connection = read.connect(warehouse / "marts.duckdb", threads="1")
        [row] = connection.execute(QUESTION).fetchall()
        connection.close()
        yield row[0], content(row[1:])


def held(warehouse: Path, questions: int | None = HELD_FOR) -> Iterator[Answer]:
    """One connection for many questions; for all of them where `questions` is None."""
    while True:
        connection = read.connect(warehouse / "marts.duckdb", threads="1")
        first = None
        asked = 0
        while questions is None or asked < questions:
            [row] = connection.execute(QUESTION).fetchall()
            if row != (first := first or row):
                raise AssertionError(f"a held file changed: {first} became {row}")
            asked += 1
            yield row[0], content(row[1:])
        connection.close()


def parquet(warehouse: Path) -> Iterator[Answer]:
    """All tables of the Parquet folder that the link leads to, resolved once, and release.json beside it."""
    while True:
        folder = Path(os.path.realpath(warehouse / "parquet"))
        rows = [hashed(folder / (table.replace(".", "/") + ".parquet")) for table in TABLES]
        release = json.loads((folder.parent / "release.json").read_text(encoding="utf-8"))["release_id"]
        yield release, content(tuple(rows))


def through_link(warehouse: Path) -> Iterator[Answer]:
    """One Parquet file, by the name that stays the same; it does not say which release it is of."""
    while True:
        for table in TABLES:
            yield "", content((table, hashed(warehouse / "parquet" / (table.replace(".", "/") + ".parquet"))))


def command(warehouse: Path) -> Iterator[Answer]:
    """The command itself, a process for each question."""
    while True:
        asked = [sys.executable, "-m", "pipelines.cli", "query", "--format", "json", "--var", str(warehouse.parent)]
        done = subprocess.run([*asked, QUESTION], capture_output=True, text=True, check=True)
        [row] = json.loads(done.stdout)
        release, *rest = row.values()
        yield release, content(tuple(json.loads(cell) if isinstance(cell, str) else cell for cell in rest))


def hashed(path: Path) -> list[int]:
    """Rows of a Parquet file, and a hash of all its cells."""
    connection = duckdb.connect(config={"threads": 1})
    try:
        sql = "select count(*), bit_xor(hash(t)) from read_parquet(?) as t"
        return list(connection.execute(sql, [str(path)]).fetchall()[0])
    finally:
        connection.close()


def main(warehouse: Path, stop: Path, seed: int, *options: str) -> None:
    doors: dict[str, Callable[[], Iterator[Answer]]] = {
        "file, opened each time": lambda: anew(warehouse),
        "file, held": lambda: held(warehouse),
        "Parquet folder": lambda: parquet(warehouse),
        "Parquet file by link": lambda: through_link(warehouse),
        "file, each time again": lambda: anew(warehouse),
    }
    if "--holds-all" in options:
        doors["file, held throughout"] = lambda: held(warehouse, None)
        del doors["file, held"]
    if "--asks-command" in options:
        doors["carestat query"] = lambda: command(warehouse)
        del doors["file, each time again"]
    while not (warehouse / "marts.duckdb").exists() and not stop.exists():
        time.sleep(0.1)
    readers = [Reader(door, warehouse, stop, seed, ask) for door, ask in doors.items()]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    told = [
        {"door": reader.door, "order": reader.order, "errors": reader.errors,
         "answers": [[release, said, times] for (release, said), times in reader.answers.items()]}
        for reader in readers
    ]  # fmt: skip
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), *sys.argv[4:])
