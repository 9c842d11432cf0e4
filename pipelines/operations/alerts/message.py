"""A message to people, and what came of sending it. Chinese first; nothing in it is a person's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipelines.operations.outcome import Failure
from pipelines.settings import Settings

#: of a message, its headline included
MOST_LINES = 15
#: of a line; what robots take in all is cut in robots.py
MOST_CHARACTERS = 160
#: failures or sources that a message spells out; the rest is counted
SPELT_OUT = 6
#: words in quotation marks that are not a plain name of code: they may be a cell's content
QUOTED = re.compile(r"""(["'`“‘])(?![\w.:/\\-]{1,60}["'`”’])[^"'`”’]{1,400}["'`”’]""", re.ASCII)

Kind = Literal["alert", "recovered", "test"]


@dataclass(frozen=True)
class Occasion:
    """`items` are what it consists of: something among them that was not told before makes it a new alert."""

    key: str
    items: tuple[str, ...]
    headline: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Message:
    """`occasions` it is about; `id` is unique, `thread` names the messages it answers, `at` is when it was written."""

    id: str
    kind: Kind
    occasions: tuple[str, ...]
    headline: str
    lines: tuple[str, ...]
    at: datetime
    thread: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return f"【carestat】{self.headline}"

    @property
    def text(self) -> str:
        """Headline and lines, at most MOST_LINES."""
        lines = (self.title, *self.lines)
        if len(lines) > MOST_LINES:
            lines = (*lines[: MOST_LINES - 3], "…", *lines[-2:])
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {**vars(self), "at": self.at.isoformat()}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Message:
        """Raises KeyError, TypeError or ValueError on anything else than `as_json` made."""
        lists = {name: tuple(kept[name]) for name in ("occasions", "lines", "thread")}
        return cls(**{**kept, **lists, "at": datetime.fromisoformat(kept["at"])})


@dataclass(frozen=True)
class Answer:
    """What a channel said. `left` are recipients to be tried again, none meaning all where it was not sent; `reached`
    is false where the next message would fare no better."""

    sent: bool
    says: str
    left: tuple[str, ...] = ()
    reached: bool = True


def harmless(text: str, settings: Settings) -> str:
    """One line of an error's text: no machine path, no number of a person, no quoted content of a cell."""
    from pipelines.operations.report.scrubbed import scrubbed

    told = scrubbed(Failure("", text), settings).message
    line = next((line for line in told.splitlines() if line.strip()), "")
    return short(QUOTED.sub("“…”", line))


def short(text: str, most: int = MOST_CHARACTERS) -> str:
    """One line without control characters, cut to `most` characters."""
    line = "".join(c if c.isprintable() else " " for c in text).strip()
    return line if len(line) <= most else line[: most - 1] + "…"


def some(lines: list[str], what: str) -> tuple[str, ...]:
    """The first SPELT_OUT, and how many of `what` more there are."""
    more = len(lines) - SPELT_OUT
    return (*lines[:SPELT_OUT], f"· 另有 {more} {what}") if more > 0 else tuple(lines)
