"""Faults, injected for real, each on a copy of a small released installation: `python -m tests.long.faults [word …]`.

After each fault: what stayed in service, and whether the next run gives the very Parquet of an undisturbed one. Needs
root (it mounts small file systems) and about two minutes a fault; prints one line each.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation, deliver_small

MEGABYTE = 2**20
MEDDLING = Path(__file__).parent / "meddling"


@dataclass
class Seen:
    """What one fault came to: exit codes and messages of the runs under it, and what was served meanwhile."""

    codes: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


class Bench:
    """The released installation, the corrected one that an undisturbed run gives, and copies of the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.released = Installation.in_folder(folder / "released")
        self.corrected = Installation.in_folder(folder / "corrected")
        if not (self.released.settings.released.exists() and self.corrected.settings.released.exists()):
            deliver_small(self.released.raw)
            self.released.released_again()
            self.released.copied_to(folder / "corrected").replace(RETURNS, AS_SHIPPED, CORRECTED)
            self.corrected.released_again()

    @contextmanager
    def copy(self, corrected: bool = True) -> Iterator[Installation]:
        """A copy with a corrected delivery that waits, or with nothing new."""
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            installation = self.released.copied_to(folder / "i")
            if corrected:
                installation.replace(RETURNS, AS_SHIPPED, CORRECTED)
            yield installation
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def run(seen: Seen, installation: Installation, expected: int, *arguments: str, **variables: str) -> str:
    """A command under the fault; what is served must be what was served before, unless it ends well."""
    before = served(installation)
    done = installation.run(*(arguments or ("nightly",)), **variables)
    note(seen, done.returncode, done.stderr, expected)
    if done.returncode and served(installation) != before:
        seen.wrong.append("served something else")
    return done.stdout + done.stderr


def note(seen: Seen, code: int, said: str, expected: int) -> None:
    seen.codes.append(code)
    lines = [line for line in said.splitlines() if line.strip() and not line.endswith(" s")]
    seen.said.append(" / ".join(lines[:4]))
    if code != expected:
        seen.wrong.append(f"exit {code}, not {expected}: {said[-1500:]}")
    if "Traceback" in said:
        seen.wrong.append(f"a traceback: {said[-1500:]}")


def served(installation: Installation) -> object:
    try:
        return installation.in_service, installation.parquet
    except Exception as broken:
        return type(broken).__name__


def asks(seen: Seen, installation: Installation, *arguments: str, tells: str, code: int = 0) -> None:
    """A command that must work under the fault, and what it must say."""
    done = installation.run(*arguments)
    if done.returncode != code or tells not in done.stdout + done.stderr:
        seen.wrong.append(f"{arguments}: exit {done.returncode}: {(done.stdout + done.stderr)[-600:]}")


def recovered(seen: Seen, installation: Installation, bench: Bench, corrected: bool = True) -> None:
    """The next run gives what an undisturbed one gives."""
    done = installation.run("nightly")
    wanted = (bench.corrected if corrected else bench.released).parquet
    if done.returncode:
        seen.wrong.append(f"next run: exit {done.returncode}: {done.stderr[-1500:]}")
    elif installation.parquet != wanted:
        seen.wrong.append("next run: other Parquet")


@contextmanager
def mounted(*arguments: str | Path) -> Iterator[None]:
    subprocess.run(["mount", *map(str, arguments)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(arguments[-1])], check=True)


# the faults


def disk_full(bench: Bench, seen: Seen) -> None:
    """var/ on a file system with less and less room left; then there is room again."""
    with bench.copy() as installation:
        kept = installation.var.with_name("kept")
        installation.var.rename(kept)
        installation.var.mkdir()
        with mounted("-t", "tmpfs", "-o", "size=160m", "tmpfs", installation.var):
            shutil.copytree(kept, installation.var, symlinks=True, dirs_exist_ok=True)
            ballast = installation.var / "ballast"
            for left in (0, 0.3, 2, 6, 10, 14, 18, 24):
                ballast.unlink(missing_ok=True)
                free = shutil.disk_usage(installation.var).free
                with ballast.open("wb") as filling:
                    os.posix_fallocate(filling.fileno(), 0, max(free - int(left * MEGABYTE), 1))
                said = run(seen, installation, 1)
                seen.said[-1] = f"{left} MB: {seen.said[-1]}"
                if "磁盘已满" not in said:
                    seen.wrong.append(f"{left} MB: no remedy: {said[-1500:]}")
                asks(seen, installation, "status", tells="在用发布")
                asks(seen, installation, "query", "select 1 as one", tells="1")
            ballast.unlink()
            recovered(seen, installation, bench)


def var_read_only(bench: Bench, seen: Seen) -> None:
    with bench.copy() as installation:
        with mounted("--bind", installation.var, installation.var):
            subprocess.run(["mount", "-o", "remount,ro,bind", str(installation.var)], check=True)
            said = run(seen, installation, 1)
            if "写不进去" not in said:
                seen.wrong.append(said)
            asks(seen, installation, "status", tells="在用发布")
            asks(seen, installation, "query", "select 1 as one", tells="1")
        recovered(seen, installation, bench)


def raw_read_only(bench: Bench, seen: Seen) -> None:
    """Nothing to be noticed."""
    with bench.copy() as installation, mounted("--bind", installation.raw, installation.raw):
        subprocess.run(["mount", "-o", "remount,ro,bind", str(installation.raw)], check=True)
        recovered(seen, installation, bench)


def little_memory(bench: Bench, seen: Seen) -> None:
    """Address space limited for the run and its workers: whichever needs more than that fails or dies."""
    with bench.copy() as installation:
        for megabytes in (300, 700, 1200, 2000):
            limited = ["prlimit", f"--as={megabytes * MEGABYTE}", sys.executable, "-m", "pipelines.cli", "nightly"]
            before = served(installation)
            done = subprocess.run(
                limited, env=installation.environment(), capture_output=True, text=True, check=False, timeout=900
            )
            seen.codes.append(done.returncode)
            seen.said.append(f"{megabytes} MB: " + " / ".join(done.stderr.splitlines()[-3:])[:300])
            if done.returncode == 0:
                seen.wrong.append(f"{megabytes} MB were enough")
            if served(installation) != before:
                seen.wrong.append("served something else")
        recovered(seen, installation, bench)


def worker_killed(bench: Bench, seen: Seen) -> None:
    """What the kernel does when memory runs out: SIGKILL for a worker, never for the run itself."""
    with bench.copy() as installation:
        for module, made, expected in (
            ("pipelines.warehouse.dbt_process", "build/*/marts.duckdb", 1),
            ("pipelines.checks.process", "build/*/ops/finding.computed.parquet", 1),
            ("pipelines.landing.ahead", "build/*/ops", 0),
        ):
            before = served(installation)
            run_ = installation.start("nightly")
            while run_.poll() is None and not any(installation.settings.warehouse.glob(made)):
                time.sleep(0.01)
            for worker in _children(run_.pid, module):
                os.kill(worker, signal.SIGKILL)
            _, said = run_.communicate(timeout=900)
            note(seen, run_.returncode, said, expected)
            if expected and "内存不足" not in said:
                seen.wrong.append(f"{module}: no remedy: {said[-1500:]}")
            if expected and served(installation) != before:
                seen.wrong.append("served something else")
        if installation.parquet != bench.corrected.parquet:
            seen.wrong.append("without the process ahead: other Parquet")


def _children(parent: int, module: str) -> list[int]:
    """Processes of a run, by the module that they run."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_text().split("\0")
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        if module in words and above == parent:
            found.append(int(folder.name))
    return found


def landing_damaged(bench: Bench, seen: Seen) -> None:
    """A bit flipped in the middle of every file that landing kept, a third of them cut off, a third emptied."""
    with bench.copy() as installation:
        files = [
            p for top in ("landing", "quarantine") for p in sorted((installation.var / top).rglob("*")) if p.is_file()
        ]
        for number, path in enumerate(files):
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 4
            path.write_bytes([bytes(content), bytes(content[: len(content) // 2]), b""][number % 3])
        seen.said.append(f"{len(files)} files")
        recovered(seen, installation, bench)


def release_damaged(bench: Bench, seen: Seen) -> None:
    """The released file changed where it is served, nothing new delivered: made anew all the same."""
    with bench.copy(corrected=False) as installation:
        marts = installation.settings.released
        content = bytearray(marts.read_bytes())
        for place in range(8192, len(content), 65536):
            content[place] ^= 255
        marts.chmod(0o640)
        marts.write_bytes(content)
        asks(seen, installation, "status", tells="已损坏")
        recovered(seen, installation, bench, corrected=False)
        asks(seen, installation, "status", tells="均已处理")
        for harm in (
            lambda: (installation.settings.warehouse / "release.json").write_text("{"),
            lambda: installation.settings.ops.write_bytes(b"no database"),
            lambda: os.replace(_link(installation, "releases/never"), installation.settings.warehouse / "current"),
        ):
            harm()
            asks(seen, installation, "status", tells="打不开" if "no database" in str(_head(installation)) else "·")
        shutil.rmtree(installation.settings.warehouse / "releases")
        asks(seen, installation, "query", "select 1", tells="nightly", code=1)
        recovered(seen, installation, bench, corrected=False)


def _link(installation: Installation, target: str) -> Path:
    link = installation.settings.warehouse / "link"
    link.symlink_to(target)
    return link


def _head(installation: Installation) -> bytes:
    return installation.settings.ops.read_bytes()[:20]


def delivery_changed_while_read(bench: Bench, seen: Seen) -> None:
    """Replaced, and removed, just after its name and content were taken: left for the next run."""
    path = os.pathsep.join([str(MEDDLING), os.environ.get("PYTHONPATH", "")])
    with bench.copy(corrected=False) as installation:
        target = installation.raw / RETURNS
        wanted = target.read_bytes().replace(AS_SHIPPED.encode(), CORRECTED.encode())
        half = target.read_bytes().replace(AS_SHIPPED.encode(), b"pension_insured,1,")
        target.write_bytes(half)
        replacement = installation.raw.with_name("replacement")
        replacement.write_bytes(wanted)
        done = installation.run("nightly", PYTHONPATH=path, MEDDLE_WITH=str(target), MEDDLE_BY=str(replacement))
        note(seen, done.returncode, done.stderr, 0)
        if installation.parquet != bench.released.parquet:
            seen.wrong.append("a delivery that changed while it was read got in")
        recovered(seen, installation, bench)


def raw_unmounted(bench: Bench, seen: Seen) -> None:
    """raw/ empty; then one source of it missing; then all is back."""
    with bench.copy() as installation:
        away = installation.raw.with_name("away")
        installation.raw.rename(away)
        installation.raw.mkdir()
        if "是否挂载" not in (said := run(seen, installation, 1)):
            seen.wrong.append(said)
        installation.raw.rmdir()
        away.rename(installation.raw)
        source = installation.raw / "elderly_facilities"
        source.rename(installation.raw.with_name("source"))
        if "source_still_delivered" not in (said := run(seen, installation, 1)):
            seen.wrong.append(said)
        installation.raw.with_name("source").rename(source)
        recovered(seen, installation, bench)


def clock_set_back(bench: Bench, seen: Seen) -> None:
    """The machine believes it is 2019, before most of what was delivered."""
    with bench.copy() as installation:
        before = installation.in_service[1]
        done = subprocess.run(
            ["faketime", "2019-01-01", sys.executable, "-m", "pipelines.cli", "nightly"],
            env=installation.environment(), capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        note(seen, done.returncode, done.stderr, 0)
        if installation.parquet != bench.corrected.parquet or not installation.in_service[1] > before:
            seen.wrong.append("another release than by the right clock, or an id that does not rise")


def run_records_damaged(bench: Bench, seen: Seen) -> None:
    """Dagster's databases overwritten."""
    with bench.copy() as installation:
        for database in (installation.settings.dagster_home / "history").rglob("*.db"):
            database.write_bytes(b"no database" * 1000)
        said = run(seen, installation, 1)
        if "var/dagster" not in said:
            seen.wrong.append(said)
        shutil.rmtree(installation.settings.dagster_home)
        recovered(seen, installation, bench)


def lock_of_a_dead_process(bench: Bench, seen: Seen) -> None:
    with bench.copy(corrected=False) as installation:
        holder = subprocess.Popen(
            [sys.executable, "-c", "import sys, time; from pathlib import Path; from pipelines.warehouse.lock import *;"
             "hold(run_lock(Path(sys.argv[1]))); print('held', flush=True); time.sleep(600)", str(installation.var)],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert holder.stdout and holder.stdout.readline()
        holder.kill()
        holder.wait()
        if "没有新交付" not in (said := run(seen, installation, 0, CARESTAT_WAIT="5")):
            seen.wrong.append(said)


FAULTS: list[Callable[[Bench, Seen], None]] = [
    lock_of_a_dead_process, var_read_only, raw_unmounted, landing_damaged, release_damaged, run_records_damaged,
    disk_full, worker_killed, little_memory, delivery_changed_while_read, clock_set_back, raw_read_only,
]  # fmt: skip


def main(words: list[str]) -> int:
    bench = Bench(Path(os.environ.get("CARESTAT_FAULTS") or tempfile.mkdtemp()))
    failed = 0
    for fault in FAULTS:
        if words and fault.__name__ not in words:
            continue
        seen, began = Seen(), time.monotonic()
        fault(bench, seen)
        failed += bool(seen.wrong)
        verdict, took = "WRONG" if seen.wrong else "sound", time.monotonic() - began
        print(f"{verdict}  {fault.__name__}  exits {seen.codes}  {took:.0f} s")
        for line in [*seen.said, *(f"WRONG {wrong}" for wrong in seen.wrong)]:
            print(f"    {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
