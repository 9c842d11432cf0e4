"""What the alerts remember between two looks, in var/alerts/state.json: written in one step, never a secret in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from pipelines.landing.store import HALF, close_to_others, read_json
from pipelines.operations.alerts.message import Message

#: seconds to wait for another process that writes the state; nobody sends while holding it
PATIENCE = 15
#: of messages not sent yet: older or more are given up
MOST_OWED = 60


@dataclass
class Open:
    """An occasion that was told and is not over: what it consists of, when it was told last, and its messages."""

    items: list[str]
    told_at: datetime
    messages: list[str]


@dataclass
class Owed:
    """A message with the channels it still has to go to, each with the recipients left (none: all)."""

    message: Message
    channels: dict[str, list[str]]


@dataclass
class Memory:
    """`last_good` is when the last good night ended, `since` when the first look was; `night` is how the last night
    ended, as occasions.py keeps it; `failed` says of each channel why its last message did not go out."""

    last_good: datetime | None = None
    since: datetime | None = None
    night: dict[str, Any] = field(default_factory=dict)
    open: dict[str, Open] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "last_good": _text(self.last_good),
            "since": _text(self.since),
            "night": self.night,
            "open": {key: {**vars(one), "told_at": _text(one.told_at)} for key, one in self.open.items()},
            "owed": [{"message": one.message.as_json(), "channels": one.channels} for one in self.owed],
            "failed": self.failed,
        }

    @classmethod
    def from_json(cls, kept: Any) -> Memory:
        """What cannot be understood is forgotten: then what is amiss is told once more."""
        try:
            return cls(
                last_good=_moment(kept["last_good"]),
                since=_moment(kept["since"]),
                night=dict(kept["night"]),
                open={key: Open(**{**one, "told_at": _moment(one["told_at"])}) for key, one in kept["open"].items()},
                owed=[Owed(Message.from_json(one["message"]), one["channels"]) for one in kept["owed"]],
                failed=dict(kept["failed"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return cls()


class Unwritable(RuntimeError):
    """The state could not be kept (disk full, read-only folder): what is told now may be told again."""


def state_file(var: Path) -> Path:
    return var / "alerts" / "state.json"


def remembered(var: Path) -> Memory:
    """The state as it was last written; for reading only."""
    return Memory.from_json(read_json(state_file(var)))


@contextmanager
def changing(var: Path) -> Iterator[Memory]:
    """The state, to be changed: written when the block ends well. Raises Unwritable after the block if it cannot be."""
    path = state_file(var)
    try:
        close_to_others(path.parent)
        lock = FileLock(path.with_name("state.lock"), mode=0o640)
        lock.acquire(PATIENCE)
    except (OSError, Timeout) as error:
        yield remembered(var)
        raise Unwritable(f"var/alerts：{error}") from error
    try:
        memory = remembered(var)
        before = json.dumps(memory.as_json())
        yield memory
        if json.dumps(memory.as_json()) != before:
            _write(path, memory.as_json())
    except OSError as error:
        raise Unwritable(f"var/alerts：{error.strerror}") from error
    finally:
        lock.release()


def _write(path: Path, content: Any) -> None:
    """On disk before it takes its name: a power cut leaves the former state, not an empty file."""
    half = path.with_name(f".{path.name}.{os.getpid()}{HALF}")
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640), "w", encoding="utf-8") as out:
            json.dump(content, out, ensure_ascii=False, indent=1)
            out.flush()
            os.fsync(out.fileno())
        os.replace(half, path)
    finally:
        half.unlink(missing_ok=True)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
