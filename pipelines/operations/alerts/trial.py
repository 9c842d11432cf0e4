"""A test message through every channel, as an alert would go: what the people at the other end should see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from pipelines.operations.alerts.configuration import Email, Webhook
from pipelines.operations.alerts.message import Answer, Message
from pipelines.operations.alerts.post import Letter, deliver
from pipelines.operations.local_time import shown


def try_channels(channels: Sequence[Webhook | Email], name: str) -> Iterator[tuple[str, Answer]]:
    """The name of each channel and what it answered. Nothing of it is remembered."""
    now = datetime.now(UTC)
    message = Message(
        id=f"carestat.test.{now:%Y%m%dT%H%M%S}",
        kind="test",
        occasions=(),
        headline="测试消息，无需处理",
        lines=(f"发出：{shown(now)}（北京时间）", "收到即表示此告警通道可用", "a test; nothing to do"),
        at=now,
    )
    for letter, answer in deliver([Letter(channel, message) for channel in channels], name, now):
        yield letter.channel.name, answer
