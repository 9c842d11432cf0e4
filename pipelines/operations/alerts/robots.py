"""What a webhook is sent: our own JSON, or a text as the robots of 企业微信, 钉钉 and 飞书 document theirs.

企业微信: text of at most 2048 bytes, errcode 0. 钉钉: timestamp (ms) and sign in the address, base64 HMAC-SHA256 of
"timestamp\\nsecret" by the secret; errcode 0. 飞书: timestamp (s) and sign in the body, HMAC-SHA256 of nothing by
"timestamp\\nsecret"; code 0. Each group takes some 20 messages a minute.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from pipelines.operations.alerts.configuration import Webhook
from pipelines.operations.alerts.message import Message, short
from pipelines.operations.local_time import shown

#: of UTF-8 text in a message; the documented limits are 2048 (企业微信) and 20 000 (钉钉, 飞书) of the whole body
MOST_BYTES = {"wecom": 2048, "dingtalk": 18_000, "feishu": 18_000}
#: fields of an answer that are 0 when the robot took the message
CODES = ("errcode", "code")
#: of our own JSON; rises when a field changes its meaning
VERSION = 1


def request(channel: Webhook, message: Message, name: str, now: datetime) -> tuple[str, dict[str, str], bytes]:
    """Address, headers and body of one POST. `name` is the installation's."""
    url, headers = channel.url, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "carestat"}
    if channel.token:
        headers["Authorization"] = f"Bearer {channel.token}"
    secret = (channel.secret or "").encode()
    if channel.form == "json":
        body = _bytes(_own(message, name))
        headers["X-Carestat-Id"] = message.id
        if secret:
            stamp = str(int(now.timestamp()))
            signed = hmac.new(secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
            headers |= {"X-Carestat-Timestamp": stamp, "X-Carestat-Signature": f"sha256={signed}"}
        return url, headers, body
    text = cut(titled(message, name), MOST_BYTES[channel.form])
    if channel.form == "feishu":
        content: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
        if secret:
            stamp = str(int(now.timestamp()))
            content |= {"timestamp": stamp, "sign": _base64(hmac.digest(f"{stamp}\n".encode() + secret, b"", "sha256"))}
        return url, headers, _bytes(content)
    if channel.form == "dingtalk" and secret:
        stamp = str(int(now.timestamp() * 1000))
        sign = _base64(hmac.digest(secret, f"{stamp}\n".encode() + secret, "sha256"))
        url += f"{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote_plus(sign)}"
    return url, headers, _bytes({"msgtype": "text", "text": {"content": text}})


def refusal(channel: Webhook, body: bytes) -> str:
    """Why a robot that answered 200 did not take the message; nothing where it did. Our own form needs no words."""
    if channel.form == "json":
        return ""
    try:
        answer = json.loads(body)
        code = next(answer[name] for name in CODES if name in answer)
    except (ValueError, TypeError, StopIteration):
        return "回答不是机器人的格式 · no robot's answer"
    if code == 0:
        return ""
    said = short(str(answer.get("errmsg") or answer.get("msg") or ""), 120)
    return f"机器人拒收 {code} · refused: {said}"


def titled(message: Message, name: str) -> str:
    """The text, under the installation's name if it has one."""
    return f"{name}\n{message.text}" if name else message.text


def cut(text: str, most: int) -> str:
    """At most `most` bytes of UTF-8: whole lines go from the middle, for the last two say what to do next."""
    lines = text.split("\n")
    head, tail = lines[:-2], ["…", *lines[-2:]]
    if len(text.encode()) <= most:
        return text
    while len(head) > 1 and len("\n".join((*head, *tail)).encode()) > most:
        head.pop()
    return "\n".join((*head, *tail)).encode()[:most].decode(errors="ignore")


def _own(message: Message, name: str) -> dict[str, Any]:
    return {
        "version": VERSION,
        "id": message.id,
        "installation": name,
        "kind": message.kind,
        "occasions": list(message.occasions),
        "at": message.at.isoformat(),
        "at_beijing": shown(message.at),
        "headline": message.headline,
        "text": message.text,
        "thread": list(message.thread),
    }


def _bytes(content: dict[str, Any]) -> bytes:
    return json.dumps(content, ensure_ascii=False).encode()


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
