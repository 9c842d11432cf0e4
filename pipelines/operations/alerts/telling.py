"""One look: what is amiss, what of it is news, and to whom it goes. What could not be sent goes with the next look."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from pipelines.operations.alerts.configuration import VARIABLE, Configuration, When, configured
from pipelines.operations.alerts.late import overdue
from pipelines.operations.alerts.memory import (
    MOST_OWED,
    Memory,
    Open,
    Owed,
    Unwritable,
    changing,
    remembered,
    state_file,
)
from pipelines.operations.alerts.message import Answer, Message, Occasion
from pipelines.operations.alerts.occasions import amiss, note_night
from pipelines.operations.alerts.post import Letter, deliver
from pipelines.operations.alerts.secret_values import Misconfigured
from pipelines.operations.outcome import Outcome
from pipelines.progress import say
from pipelines.settings import Settings

#: a night of today may end earlier than yesterday's: a day has passed this much before it has
SLACK = timedelta(hours=1)
#: a message that could not be sent for longer than this is given up
STALE_MESSAGE = timedelta(days=7)
#: seconds to wait while another process is sending
TURN = 10
#: messages of an occasion that a later one answers
THREAD = 10
UNKEPT = "告警状态写不了，同一告警可能重发 · alert state not kept"
NAMES = {"night": "夜间运行", "stale": "数据更新", "late": "逾期交付", "disk": "磁盘"}
#: (channel, headline, what the channel said) of messages
Answered = tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Told:
    """What a look found: `amiss` in words, told or not, and what became of the messages."""

    amiss: tuple[str, ...]
    is_configured: bool = True
    sent: Answered = ()
    unsent: Answered = ()


def tell(settings: Settings, outcome: Outcome, now: datetime | None = None) -> Told:
    """After a night: remember how it ended, and tell what is news. Raises Misconfigured, after remembering."""
    return _look(settings, now or datetime.now(UTC), outcome)


def watch(settings: Settings, now: datetime) -> Told:
    """Between nights: tell what is news, and send what could not be sent before. Raises Misconfigured."""
    return _look(settings, now, None)


def status_lines(settings: Settings) -> Iterator[str]:
    """One line a fact: whether anyone is told, what is amiss, what could not be sent."""
    try:
        config = configured(settings)
    except Misconfigured as wrong:
        yield f"告警 · alerts           {wrong}"
        return
    if config is None:
        yield f"告警 · alerts           未设 {VARIABLE}，不发告警 · not set, nobody is told"
        return
    memory = remembered(settings.var)
    names = "、".join(channel.name for channel in config.channels) or "没有通道 · no channel"
    open_now = "、".join(NAMES[key] for key in memory.open) or "无 · none"
    yield f"告警 · alerts           {names}；未解决 · open: {open_now}"
    for channel, why in memory.failed.items():
        waiting = sum(channel in owed.channels for owed in memory.owed)
        yield f"  {channel} 未送出 {waiting} 条 · unsent: {why}"


def _look(settings: Settings, now: datetime, outcome: Outcome | None) -> Told:
    config, wrong = None, None
    try:
        config = configured(settings)
    except Misconfigured as misconfigured:
        wrong = misconfigured
    memory, is_kept = _noted(settings, now, outcome)
    if wrong is not None:
        raise wrong
    if config is None and outcome is not None:
        return Told((), is_configured=False)
    # takes seconds, and nobody else waits for it
    late = overdue(settings, now)
    seen: dict[str, Occasion | None] = {}
    try:
        with changing(settings.var) as kept:
            memory = kept if is_kept else memory
            seen = amiss(memory, settings, config.when if config else When(), late, now)
            if config is not None:
                _judge(memory, seen, config, now)
    except Unwritable as unkept:
        is_kept = False
        say(f"{UNKEPT}: {unkept}")
    found = tuple(occasion.headline for occasion in seen.values() if occasion)
    if config is None:
        return Told(found, is_configured=False)
    sent, unsent = _send(settings, config, memory, is_kept, now)
    for channel, headline, says in unsent:
        say(f"告警未送出 · alert not sent: {channel}：{headline}：{says}")
    return Told(found, sent=sent, unsent=unsent)


def _noted(settings: Settings, now: datetime, outcome: Outcome | None) -> tuple[Memory, bool]:
    """The memory, with how the night ended, and whether that is kept: before anything else, which may take long."""
    memory = Memory()
    try:
        with changing(settings.var) as memory:
            memory.since = memory.since or now
            if outcome is not None:
                note_night(memory, settings, outcome, now)
    except Unwritable as unkept:
        say(f"{UNKEPT}: {unkept}")
        return memory, False
    return memory, True


def _judge(memory: Memory, seen: dict[str, Occasion | None], config: Configuration, now: datetime) -> None:
    """Write the messages that are due now, and put them into `owed`."""
    over: list[str] = []
    for key, occasion in seen.items():
        if occasion is None:
            over += [key] if key in memory.open else []
        elif message := _news(memory, occasion, timedelta(hours=config.when.repeat_hours), now):
            _owe(memory, config, message)
    if over:
        _owe(memory, config, _well_again(memory, over, now))
    kept = [one for one in memory.owed if one.channels and now - one.message.at < STALE_MESSAGE][-MOST_OWED:]
    for given_up in (one for one in memory.owed if one.channels and one not in kept):
        say(f"告警始终未能送出，不再重试 · alert given up: {given_up.message.headline}：{'、'.join(given_up.channels)}")
    memory.owed = kept


def _news(memory: Memory, occasion: Occasion, repeat: timedelta, now: datetime) -> Message | None:
    """A message where the occasion is new, has something new in it, or was told a day ago."""
    known = memory.open.get(occasion.key)
    if known and set(occasion.items) <= set(known.items):
        known.items = list(occasion.items)
        # a clock that was set back must not silence anything
        if known.told_at <= now < known.told_at + repeat - SLACK:
            return None
        headline = f"仍未解决：{occasion.headline}"
    else:
        headline = occasion.headline
    thread = tuple(known.messages) if known else ()
    id_ = _id(occasion.key, occasion.headline, now)
    message = Message(id_, "alert", (occasion.key,), headline, occasion.lines, now, thread)
    kept = [*thread[:1], *thread[1:][-THREAD:]]
    memory.open[occasion.key] = Open(list(occasion.items), now, [*kept, id_])
    return message


def _well_again(memory: Memory, over: list[str], now: datetime) -> Message:
    """One message for all that is over."""
    ended = {key: memory.open.pop(key) for key in over}
    names = "、".join(NAMES[key] for key in over)
    still = "、".join(NAMES[key] for key in memory.open)
    lines = (
        f"仍未解决：{still}" if still else "目前没有其他未解决的告警，无需处理",
        f"recovered: {', '.join(over)}" + (f"; still open: {', '.join(memory.open)}" if still else "; all well again"),
    )
    thread = tuple(id_ for one in ended.values() for id_ in one.messages)
    headline = f"{names}已恢复正常" if still else f"{names}已恢复正常，一切正常"
    return Message(_id("well", names, now), "recovered", tuple(over), headline, lines, now, thread)


def _owe(memory: Memory, config: Configuration, message: Message) -> None:
    """To every channel that hears of the occasion; what it has not got of the same yet, the new message replaces."""
    channels = [channel.name for channel in config.channels if channel.occasions & set(message.occasions)]
    for earlier in memory.owed:
        if message.kind == earlier.message.kind == "alert" and message.occasions == earlier.message.occasions:
            earlier.channels = {name: left for name, left in earlier.channels.items() if name not in channels}
    memory.owed = [*(one for one in memory.owed if one.channels), Owed(message, {name: [] for name in channels})]


def _send(
    settings: Settings, config: Configuration, memory: Memory, is_kept: bool, now: datetime
) -> tuple[Answered, Answered]:
    """Everything owed; by one process at a time, so that nothing goes out twice."""
    by_name = {channel.name: channel for channel in config.channels}
    if not memory.owed:
        return (), ()
    lock = FileLock(state_file(settings.var).with_name("sending.lock"), mode=0o640)
    try:
        lock.acquire(TURN)
    except Timeout:
        return (), ()
    except OSError:
        pass  # no disk to lock on: an alert told twice is better than none
    try:
        # another process may have sent some while this one waited for its turn
        owed = remembered(settings.var).owed if is_kept else memory.owed
        letters = [
            Letter(by_name[name], one.message, tuple(left), _report(settings, one.message))
            for one in owed
            for name, left in one.channels.items()
            if name in by_name
        ]
        answered = list(deliver(letters, config.name, now))
        try:
            with changing(settings.var) as kept:
                _settle(kept, answered, set(by_name))
        except Unwritable as unkept:
            say(f"{UNKEPT}: {unkept}")
    finally:
        lock.release()
    told = [(letter.channel.name, letter.message.headline, answer) for letter, answer in answered]
    sent, unsent = ([(n, h, a.says) for n, h, a in told if a.sent is was] for was in (True, False))
    return tuple(sent), tuple(unsent)


def _settle(memory: Memory, answered: list[tuple[Letter, Answer]], channels: set[str]) -> None:
    """Strike off what was sent, and what is owed to channels that are no more."""
    for letter, answer in answered:
        name = letter.channel.name
        if answer.sent:
            memory.failed.pop(name, None)
        else:
            memory.failed[name] = answer.says
        for one in memory.owed:
            if one.message.id == letter.message.id and name in one.channels:
                if answer.sent:
                    del one.channels[name]
                elif answer.left:
                    one.channels[name] = list(answer.left)
    for one in memory.owed:
        one.channels = {name: left for name, left in one.channels.items() if name in channels}
    memory.owed = [one for one in memory.owed if one.channels]
    memory.failed = {name: why for name, why in memory.failed.items() if name in channels}


def _report(settings: Settings, message: Message) -> Path | None:
    """The page of the last night, for messages about nights."""
    if "night" not in message.occasions:
        return None
    return max((settings.var / "reports").glob("[0-9]*.html"), default=None)


def _id(key: str, headline: str, now: datetime) -> str:
    digest = hashlib.sha256(f"{key}|{headline}|{now.isoformat()}".encode()).hexdigest()[:8]
    return f"carestat.{key}.{now:%Y%m%dT%H%M%S}.{digest}"
