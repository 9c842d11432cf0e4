"""Sending: every channel by a thread of its own, and nobody waits longer for all of them than SECONDS."""

from __future__ import annotations

import queue
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import urllib3

from pipelines.operations.alerts import mail, webhook
from pipelines.operations.alerts.configuration import Email, Webhook
from pipelines.operations.alerts.message import Answer, Message, short
from pipelines.operations.alerts.secret_values import Misconfigured, hidden

#: for all messages to all channels: a dead server or name service delays a night by no more
SECONDS = 30.0
#: seconds between two attempts at a mail server that was busy or could not be reached
PAUSE = 1.0
LATE = Answer(False, "超过时限，留待下次 · no answer in time")
BEHIND = Answer(False, "通道不通，留待下次 · not tried after the one before it", reached=False)


@dataclass(frozen=True)
class Letter:
    """One message to one channel, with the recipients left (none: all) and the report to attach."""

    channel: Webhook | Email
    message: Message
    left: tuple[str, ...] = ()
    report: Path | None = None


def deliver(letters: list[Letter], name: str, now: datetime) -> Iterator[tuple[Letter, Answer]]:
    """Each letter with what became of it; a channel that cannot be reached is not tried with its next letter.

    Threads that are still waiting when time is up are left alone: they end with the process.
    """
    answers: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()

    def run(mine: list[int]) -> None:
        reached = True
        for place in mine:
            answer = attempt(letters[place], name, now) if reached else BEHIND
            reached = answer.reached
            answers.put((place, answer))

    waiting = dict(enumerate(letters))
    for channel in dict.fromkeys(letter.channel.name for letter in letters):
        mine = [place for place, letter in waiting.items() if letter.channel.name == channel]
        threading.Thread(target=run, args=(mine,), daemon=True, name=f"alerts-{channel}").start()
    last = time.monotonic() + SECONDS
    while waiting:
        try:
            place, answer = answers.get(timeout=max(0.0, last - time.monotonic()))
        except queue.Empty:
            break
        yield waiting.pop(place), answer
    for letter in waiting.values():
        yield letter, LATE


def attempt(letter: Letter, name: str, now: datetime) -> Answer:
    """Send, and say what happened in words without a secret. Raises nothing."""
    channel, message = letter.channel, letter.message
    try:
        if isinstance(channel, Webhook):
            answer = webhook.send(channel, message, name, now)
        else:
            answer = _mailed(channel, letter, name)
    except Exception as broken:
        answer = Answer(False, _why(broken), reached=False)
    return replace(answer, says=hidden(answer.says, channel.secrets))


def _mailed(channel: Email, letter: Letter, name: str) -> Answer:
    """Once more after what can pass."""
    try:
        return mail.send(channel, letter.message, name, letter.report, letter.left)
    except (OSError, smtplib.SMTPException) as broken:
        if isinstance(broken, ssl.SSLError) or _code(broken) >= 500 or isinstance(broken, TimeoutError):
            raise
    time.sleep(PAUSE)
    return mail.send(channel, letter.message, name, letter.report, letter.left)


def _why(broken: Exception) -> str:
    """The cause and what to do about it; of an unknown error only its kind, since its text may hold anything."""
    if isinstance(broken, Misconfigured):
        return str(broken)
    if isinstance(broken, urllib3.exceptions.MaxRetryError) and broken.reason:
        broken = broken.reason
    if isinstance(broken, urllib3.exceptions.ProxyError):
        return "代理连不上，请核对 HTTPS_PROXY · the proxy cannot be reached"
    if isinstance(broken, (ssl.SSLError, urllib3.exceptions.SSLError)):
        return f"证书不可信（{_certificate(broken)}），请核对主机名，或用 ca_file 指明签发机构 · untrusted"
    if isinstance(broken, smtplib.SMTPAuthenticationError):
        return f"登录被拒（{broken.smtp_code}），请核对 username 和 password · login refused"
    if isinstance(broken, smtplib.SMTPNotSupportedError):
        return "服务器没有 STARTTLS 或登录功能，请核对 security 和 port · server offers no STARTTLS or login"
    if isinstance(broken, (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused)) or _code(broken):
        return f"邮件服务器拒收（{_code(broken) or '无代码'}），请核对 sender 和 recipients · mail refused"
    is_unreachable = isinstance(broken, urllib3.exceptions.NewConnectionError)  # which is a timeout to urllib3
    if isinstance(broken, (TimeoutError, urllib3.exceptions.TimeoutError)) and not is_unreachable:
        return "超时 · timed out"
    if isinstance(broken, (OSError, smtplib.SMTPException, urllib3.exceptions.HTTPError)):
        return f"连不上，请核对地址、端口和防火墙 · cannot be reached ({type(broken).__name__})"
    return f"内部错误 · {type(broken).__name__}"


def _certificate(broken: BaseException) -> str:
    told: BaseException | None = broken
    while told is not None and not isinstance(told, ssl.SSLCertVerificationError):
        told = told.__cause__ or next((part for part in told.args if isinstance(part, BaseException)), None)
    return short(told.verify_message, 80) if told else "TLS"


def _code(broken: BaseException) -> int:
    """The mail server's code, 0 where there is none; of several recipients' the least final one."""
    if isinstance(broken, smtplib.SMTPRecipientsRefused):
        return min((code for code, _ in broken.recipients.values()), default=0)
    return getattr(broken, "smtp_code", 0)
