"""Lands spoiled deliveries without end and saves what is no clear refusal; how to run it stands in the README.

Each input is landed by the real landing in a process of its own kind, which is started anew where an input ends it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

SHIPPED = Path(__file__).parents[2] / "raw"
#: beyond what the process holds before
SLOW_SECONDS, LARGE_KB = 20, 1_200_000
#: an input that takes longer ends the process that lands it
HUNG_SECONDS = 120
ADDRESS_SPACE = 12 << 30
SEED_BYTES = 60_000
KEY = b"k" * 32
OUTCOMES = ("landed", "partly", "rejected", "superseded")


def seeds() -> list[Path]:
    """A small sound delivery of every source and format that is shipped."""
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(SHIPPED.glob("*/*/*.*"), key=lambda path: (path.stat().st_size, str(path))):
        kind = path.suffix.removeprefix(".")
        if kind in ("csv", "xlsx", "parquet") and path.stat().st_size < SEED_BYTES:
            found.setdefault((path.parts[-3], kind), path)
    found.setdefault(("regions", "csv"), next(SHIPPED.glob("regions/*/*.csv")))
    return list(found.values())


class Lander:
    """Lands one file at a time, beside the shipped register of regions."""

    def __init__(self, home: Path) -> None:
        from pipelines.landing.land import Landing
        from pipelines.landing.references import newest_snapshots
        from pipelines.landing.region_register import Register

        self._home = home
        (home / "register").mkdir(exist_ok=True)
        shutil.copytree(SHIPPED / "regions", home / "register" / "raw" / "regions", dirs_exist_ok=True)
        landing = Landing(home / "register" / "raw", home / "register" / "var", key=KEY)
        files, empty = landing.land("regions").files, landing.empty("regions")
        self._register = Register(lambda: newest_snapshots(files, empty))

    def land(self, path: str, content: bytes) -> str:
        """State of the file, and the reason if it has one. Raises what landing and its answers raise, and
        AssertionError for a lost row."""
        from pipelines.landing.answers import write_answers
        from pipelines.landing.land import Landing

        raw, var = self._home / "raw", self._home / "var"
        target = raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        source = path.partition("/")[0]
        register = None if source == "regions" else self._register
        try:
            result = Landing(raw, var, today=date(2030, 1, 1), key=KEY, register=register).land(source)
            for row in result.reconciliation.iter_rows(named=True):
                assert row["delivered"] == row["landed"] + row["quarantined"] + row["superseded"] + row["ignored"], row
            assert result.reconciliation["quarantined"].sum() == result.quarantine.height
            write_answers(result, raw, var)
            return " ".join(filter(None, result.delivery.select("state", "reason").row(0)))
        finally:
            shutil.rmtree(raw)
            shutil.rmtree(var, ignore_errors=True)


def inputs(seed: int, first: int) -> Iterator[tuple[int, str, bytes]]:
    """Number, path below raw/ and bytes of every input from `first` on: the same ones for the same seed."""
    from tests.fuzz.mutations import grid_of, spoiled

    sound = [(path, path.read_bytes(), path.suffix.removeprefix(".")) for path in seeds()]
    grids = [grid_of(content, kind) for _, content, kind in sound]
    number = first
    while True:
        random = Random(f"{seed}-{number}")
        place = random.randrange(len(sound))
        path, content, kind = sound[place]
        content, kind = spoiled(random, grids[place], content, kind, grids)
        yield number, f"{path.parts[-3]}/{path.parts[-2]}/{path.stem}.{kind}", content
        number += 1


def work(home: Path, findings: Path, seed: int, first: int, told: Connection) -> None:
    """Lands inputs from `first` on, and tells (number, outcome) of each; the current one lies in `home`/current."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    lander = Lander(home)
    for number, path, content in inputs(seed, first):
        current = home / "current"
        shutil.rmtree(current, ignore_errors=True)
        (current / path).parent.mkdir(parents=True)
        (current / path).write_bytes(content)
        told.send((number, "began"))
        _forget_peak()
        held = _peak_kb()
        start, fault = time.monotonic(), ""
        try:
            outcome = lander.land(path, content)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            outcome, fault = _place(error), "".join(traceback.format_exception(error))
        taken, more = time.monotonic() - start, _peak_kb() - held
        if not fault and taken > SLOW_SECONDS:
            outcome = fault = f"slow: {taken:.0f} s"
        if not fault and more > LARGE_KB:
            outcome = fault = f"large: {more // 1000} MB"
        if fault:
            save(findings, number, path, content, f"{outcome}\n{taken:.1f} s, {more // 1000} MB\n{fault}")
        told.send((number, outcome))


def _place(error: BaseException) -> str:
    """What was raised and where in the project."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "pipelines" in frame.filename] or frames
    return f"{type(error).__name__} at {Path(own[-1].filename).name}:{own[-1].lineno}"


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def _peak_kb() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0])


def save(findings: Path, number: int, path: str, content: bytes, told: str) -> None:
    """Keep an input under its own path, so that it can be landed again, and what was seen beside it."""
    folder = findings / f"{number:07}"
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(content)
    (folder / "told.txt").write_text(told, errors="backslashreplace")


def fuzz(seconds: float, seed: int, findings: Path) -> Counter[str]:
    """How many inputs came to which outcome, within the time."""
    start = multiprocessing.get_context("spawn")
    outcomes: Counter[str] = Counter()
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory(prefix="carestat-fuzz-") as home:
            here, there = start.Pipe(duplex=False)
            worker = start.Process(target=work, args=(Path(home), findings, seed, number, there), daemon=True)
            worker.start()
            there.close()
            while time.monotonic() < end:
                try:
                    told = here.recv() if here.poll(HUNG_SECONDS) else None
                except EOFError:
                    told = None
                if told is None:
                    worker.kill()
                    worker.join()
                    outcome = f"ended or hung, exit code {worker.exitcode}"
                    outcomes[outcome] += 1
                    for path in (Path(home) / "current").glob("*/*/*"):
                        save(findings, number, "/".join(path.parts[-3:]), path.read_bytes(), outcome)
                    number += 1
                    break
                number, outcome = told
                if outcome != "began":
                    outcomes[outcome] += 1
                    number += 1
            worker.kill()
            worker.join()
    return outcomes


def main() -> int:
    """0: every input was landed or clearly refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--findings", type=Path)
    parser.add_argument("--again", type=Path)
    asked = parser.parse_args()
    if asked.again:
        with tempfile.TemporaryDirectory(prefix="carestat-fuzz-") as home:
            for path in asked.again.glob("*/*/*"):
                print(Lander(Path(home)).land("/".join(path.parts[-3:]), path.read_bytes()))
        return 0
    findings = asked.findings or Path(tempfile.mkdtemp(prefix="carestat-fuzz-findings-"))
    findings.mkdir(parents=True, exist_ok=True)
    outcomes = fuzz(asked.seconds, asked.seed, findings)
    print(f"{sum(outcomes.values())} inputs, seed {asked.seed}")
    for outcome, times in outcomes.most_common():
        print(f"{times:8} {outcome}")
    odd = {outcome: times for outcome, times in outcomes.items() if outcome.split()[0] not in OUTCOMES}
    print(f"{sum(odd.values())} findings in {findings}" if odd else "no finding")
    return 1 if odd else 0


if __name__ == "__main__":
    sys.exit(main())
