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
from collections.abc import Callable
from pathlib import Path

from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation
from tests.long.fault_bench import Bench, Seen, asks, mounted, note, recovered, run, served

MEGABYTE = 2**20
MEDDLING = Path(__file__).parent / "meddling"


def disk_full(bench: Bench, seen: Seen) -> None:
    """var/ on a file system with less and less room left; then there is room again."""
    with bench.copy() as installation:
        kept = installation.var.with_name("kept")
        installation.var.rename(kept)
        installation.var.mkdir()
        with mounted("-t", "tmpfs", "-o", "size=160m", "tmpfs", installation.var):
            shutil.copytree(kept, installation.var, symlinks=True, dirs_exist_ok=True)
            ballast = installation.var / "ballast"
            for left in (0.3, 2, 5, 9, 14):
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
            asks(seen, installation, "status", tells="已损坏")
        shutil.rmtree(installation.settings.warehouse / "releases")
        asks(seen, installation, "query", "select 1", tells="nightly", code=1)
        recovered(seen, installation, bench, corrected=False)


def _link(installation: Installation, target: str) -> Path:
    link = installation.settings.warehouse / "link"
    link.symlink_to(target)
    return link


def delivery_changed_while_read(bench: Bench, seen: Seen) -> None:
    """Replaced just after its name and content were taken: left for the next run."""
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
