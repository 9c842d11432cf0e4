"""A message as e-mail: Chinese in subject and body, plain text and HTML, the run report attached; and its sending."""

from __future__ import annotations

import hashlib
import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from pathlib import Path

from pipelines.operations.alerts.configuration import Email
from pipelines.operations.alerts.message import Answer, Message
from pipelines.operations.alerts.robots import titled
from pipelines.operations.local_time import SHANGHAI

#: a larger report is left out; the message says where it lies anyway
MOST_ATTACHED = 3 * 1024 * 1024
STYLE = "font-family:'Noto Sans SC','Microsoft YaHei',sans-serif;line-height:1.6"


def composed(channel: Email, message: Message, name: str, report: Path | None) -> EmailMessage:
    """The mail to all recipients. A repeat answers the first of its kind, so that programs show them as one thread."""
    mail = EmailMessage(policy=SMTP)
    domain = parseaddr(channel.sender)[1].rpartition("@")[2]
    mail["From"] = channel.sender
    mail["To"] = ", ".join(channel.recipients)
    mail["Subject"] = f"{message.title}（{name}）" if name else message.title
    mail["Date"] = format_datetime(message.at.astimezone(SHANGHAI))
    mail["Message-ID"] = f"<{message.id}@{domain}>"
    if message.thread:
        mail["In-Reply-To"] = f"<{message.thread[-1]}@{domain}>"
        mail["References"] = " ".join(f"<{id_}@{domain}>" for id_ in message.thread)
    mail["Auto-Submitted"] = "auto-generated"
    text = titled(message, name)
    mail.set_content(f"{text}\n", cte="base64")
    mail.add_alternative(_html(text), subtype="html", cte="base64")
    if channel.attach_report and report is not None and report.is_file() and report.stat().st_size <= MOST_ATTACHED:
        page, name = report.read_bytes(), f"运行报告-{report.name}"
        mail.add_attachment(page, maintype="text", subtype="html", filename=name, params={"charset": "utf-8"})
    return mail


def send(channel: Email, message: Message, name: str, report: Path | None, left: tuple[str, ...]) -> Answer:
    """Hand the mail to the server, for all recipients or those of `left`.

    Raises OSError and smtplib.SMTPException (its text may hold the server's words).
    """
    mail = composed(channel, message, name, report)
    addresses = {recipient_id(address): parseaddr(address)[1] for address in channel.recipients}
    wanted = [address for id_, address in addresses.items() if not left or id_ in left]
    if not wanted:
        return Answer(True, "收件人已不在配置中 · no such recipient any more")
    with _server(channel) as server:
        if channel.username is not None and channel.password is not None:
            server.login(channel.username, channel.password)
        refused = server.send_message(mail, parseaddr(channel.sender)[1], wanted)
    if not refused:
        return Answer(True, f"邮件服务器已接收，{len(wanted)} 位收件人 · accepted for {len(wanted)}")
    later = tuple(id_ for id_, address in addresses.items() if refused.get(address, (500,))[0] < 500)
    codes = "、".join(sorted({str(code) for code, _ in refused.values()}))
    says = f"{len(refused)} 位收件人被拒（{codes}），其余已接收 · some recipients refused"
    return Answer(not later, says, later)


def recipient_id(address: str) -> str:
    """Tells recipients apart in the state without naming them."""
    return hashlib.sha256(parseaddr(address)[1].encode()).hexdigest()[:12]


def _server(channel: Email) -> smtplib.SMTP:
    """Connected, and encrypted before anything is said where the channel asks for it."""
    if channel.security == "tls":
        return smtplib.SMTP_SSL(channel.host, channel.port, timeout=channel.timeout_seconds, context=channel.tls())
    server = smtplib.SMTP(channel.host, channel.port, timeout=channel.timeout_seconds)
    if channel.security == "starttls":
        try:
            server.starttls(context=channel.tls())
        except (smtplib.SMTPException, ssl.SSLError, OSError):
            server.close()
            raise
    return server


def _html(text: str) -> str:
    headline, *lines = (escape(line) for line in text.split("\n"))
    rows = "".join(f"<p style='margin:.2em 0'>{line}</p>" for line in lines)
    return (
        f"<!DOCTYPE html><html lang='zh-CN'><head><meta charset='utf-8'></head><body style=\"{STYLE}\">"
        f"<p style='font-weight:bold'>{headline}</p>{rows}</body></html>"
    )
