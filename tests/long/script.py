"""The script of the nights, nights.yml: what is done to the deliveries before each."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from pipelines.settings import PROJECT
from tests.long.clock import moment

SCRIPT = Path(__file__).with_name("nights.yml")
SHIPPED = PROJECT / "raw"
CORRECTIONS = "agency_returns.corrections.yml"
#: deliveries of a night came in the evening before it
BEFORE = timedelta(hours=6)


@dataclass(frozen=True)
class Night:
    """One entry of the script; the fields are explained at the head of nights.yml."""

    night: str
    at: str
    expect: dict[str, Any]
    zone: str = "Asia/Shanghai"
    fold: int = 0
    how: str = "command"
    deliver: list[str | dict[str, str]] = field(default_factory=list)
    revise: list[dict[str, Any]] = field(default_factory=list)
    write: dict[str, str] = field(default_factory=dict)
    withdraw: list[str] = field(default_factory=list)
    rename: dict[str, str] = field(default_factory=dict)
    correct: str = ""
    variables: dict[str, str] = field(default_factory=dict)
    away: list[dict[str, Any]] = field(default_factory=list)

    @cached_property
    def when(self) -> datetime:
        return moment(self.at, self.zone, self.fold)

    def happen(self, raw: Path, expectations: Path) -> None:
        """Do to the deliveries and to the corrections what the script says comes before this night."""
        for day in self.away:
            Night(night="", expect={}, **day).happen(raw, expectations)
        for path, content in self.write.items():
            (raw / path).write_text(content, encoding="utf-8")
            self._came(raw / path)
        for given in self.deliver:
            self._deliver(raw, given)
        for given in self.revise:
            self._revise(raw, **given)
        for path in self.withdraw:
            (raw / path).unlink()
        for old, new in self.rename.items():
            (raw / old).rename(raw / new)
        if self.correct:
            (expectations / CORRECTIONS).write_text(self.correct, encoding="utf-8")

    def _deliver(self, raw: Path, given: str | dict[str, str]) -> None:
        if isinstance(given, dict):
            copies = [(SHIPPED / given["of"], raw / given["as"])]
        else:
            copies = [(path, raw / path.relative_to(SHIPPED)) for path in sorted(SHIPPED.glob(given))]
        assert copies, f"{self.night}: nothing shipped fits {given}"
        for shipped, target in copies:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(shipped, target)
            self._came(target)

    def _revise(self, raw: Path, of: str, replace: list[str] | None = None, add: list[str] | None = None,
                **target: str) -> None:  # fmt: skip
        text = (raw / of).read_bytes().decode()
        if replace:
            assert text.count(replace[0]) == 1, (
                f"{self.night}: {replace[0]!r} is in {of} {text.count(replace[0])} times"
            )
            text = text.replace(*replace)
        text += "".join(f"{line}\n" for line in add or [])
        (raw / target["as"]).write_bytes(text.encode())
        self._came(raw / target["as"])

    def _came(self, path: Path) -> None:
        seconds = (self.when - BEFORE).timestamp()
        os.utime(path, (seconds, seconds))


def script() -> list[Night]:
    """All nights, in order."""
    return [Night(**entry) for entry in yaml.safe_load(SCRIPT.read_text(encoding="utf-8"))]
