"""A small installation for runs in seconds: Banan's deliveries of 2020 and 2021 in folders of a test's own."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from pipelines.settings import PROJECT
from tests.shipped import Warehouse

RETURNS = "agency_returns/2021/500113.csv"
FACILITIES = "elderly_facilities/2021-12/500113.csv"
#: the one correction that most runs are about
AS_SHIPPED, CORRECTED = "pension_insured,747000,", "pension_insured,748000,"


class Installation(Warehouse):
    """What an operator has: the command, its folders and its key. Every run is a process of its own."""

    @classmethod
    def in_folder(cls, folder: Path) -> Installation:
        return cls(folder / "raw", folder / "var", folder / "outside" / "key")

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """The command, begun in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "pipelines.cli", *arguments],
            cwd=PROJECT,
            env=self.environment() | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The command, run to its end."""
        process = self.start(*arguments, **variables)
        try:
            out, told = process.communicate(timeout=900)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, told)

    def released_again(self) -> Installation:
        """Run until released; anything else fails with the run's own words."""
        done = self.run("nightly")
        assert done.returncode == 0 and "已发布" in done.stderr, done.stderr + self._failed_checks()
        return self

    def copied_to(self, folder: Path) -> Installation:
        """The same installation elsewhere, to be changed at will."""
        copy = Installation.in_folder(folder)
        for mine, theirs in ((self.raw, copy.raw), (self.var, copy.var), (self.key.parent, copy.key.parent)):
            shutil.copytree(mine, theirs, symlinks=True)
        return copy

    def replace(self, delivered: str, old: str, new: str) -> None:
        """Change a delivered text file: `old` stands in it exactly once."""
        path = self.raw / delivered
        text = path.read_bytes().decode()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {delivered}"
        path.write_bytes(text.replace(old, new).encode())

    @property
    def parquet(self) -> dict[str, str]:
        """sha256 of every released Parquet file, by path."""
        top = self.settings.warehouse / "parquet"
        return {path.relative_to(top).as_posix(): digest(path) for path in sorted(top.rglob("*")) if path.is_file()}

    @property
    def in_service(self) -> tuple[str, str]:
        """sha256 of the released file, and the release it says it is."""
        return digest(self.settings.released), self.rows("select release_id from ops.release")[0][0]


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def deliver_small(raw: Path) -> None:
    """The register of regions, Chongqing's census and what Banan delivered for 2020 and 2021."""
    shipped = PROJECT / "raw"
    banan = [path for path in shipped.glob("*/*/500113.*") if path.parent.name[:4] in ("2020", "2021")]
    for path in [*shipped.glob("regions/*/*"), *shipped.glob("population/2020/500000.*"), *banan]:
        target = raw / path.relative_to(shipped)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
