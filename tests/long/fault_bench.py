"""What a fault is injected into, and what is asked of the installation under it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.integration.installation import AS_SHIPPED, CORRECTED, RETURNS, Installation, deliver_small


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
    if said.count("Traceback") > said.count("Exception ignored in"):  # a generator of a library
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
