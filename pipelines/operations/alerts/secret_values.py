"""Passwords and tokens of the alert channels: where they may stand, and how they stay out of every text."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: keys that may be written as they are, or with _env or _file behind them
SECRETS = ("url", "token", "secret", "password")
HIDDEN = "***"
#: shorter texts are too common to be blotted out of an answer
SHORTEST = 6


class Misconfigured(RuntimeError):
    """The alerts cannot be sent as configured. The text names key and remedy, never a secret."""

    def __init__(self, place: str, chinese: str, english: str) -> None:
        super().__init__(f"告警配置 {place}：{chinese} · alerts: {place}: {english}")


def is_open(path: Path) -> bool:
    """Whether others than the owner may read or write the file."""
    return bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def resolved(section: dict[str, Any], place: str, folder: Path) -> dict[str, Any]:
    """The section of a channel with each KEY_env and KEY_file replaced by KEY. Raises Misconfigured.

    A relative KEY_file lies in systemd's credentials ($CREDENTIALS_DIRECTORY) if there, else beside the configuration.
    """
    plain = dict(section)
    for key in SECRETS:
        ways = [name for name in (key, f"{key}_env", f"{key}_file") if name in section]
        if len(ways) > 1:
            raise Misconfigured(f"{place}.{key}", f"只能写其一：{'、'.join(ways)}", "give only one of them")
        if f"{key}_env" in section:
            plain[key] = _from_environment(str(plain.pop(f"{key}_env")), f"{place}.{key}_env")
        elif f"{key}_file" in section:
            plain[key] = _from_file(str(plain.pop(f"{key}_file")), f"{place}.{key}_file", folder)
    return plain


def _from_environment(name: str, place: str) -> str:
    if value := os.environ.get(name, "").strip():
        return value
    raise Misconfigured(place, f"环境变量 {name} 没有值，请在服务环境中设置", f"set the environment variable {name}")


def _from_file(name: str, place: str, folder: Path) -> str:
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    path = Path(given, name) if given and Path(given, name).is_file() else folder / name
    try:
        # systemd guards its credentials itself, by access lists that look like group rights
        if not (given and path.is_relative_to(given)) and is_open(path):
            raise Misconfigured(place, f"他人可读写，请执行 chmod 600 {name}", f"open to others: chmod 600 {name}")
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise Misconfigured(place, f"{name} 读不了（{why}）", f"{name} cannot be read") from None
    if not value:
        raise Misconfigured(place, f"{name} 是空的", f"{name} is empty")
    return value


def hidden(text: str, secrets: tuple[str, ...]) -> str:
    """`text` without any of the secrets, nor the part of an address that is one."""
    words = {word for secret in secrets for word in _parts(secret) if len(word) >= SHORTEST}
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, HIDDEN)
    return text


def _parts(secret: str) -> tuple[str, ...]:
    try:
        address = urlsplit(secret)
    except ValueError:
        return (secret,)
    if not address.netloc:
        return (secret,)
    values = [pair.partition("=")[2] for pair in address.query.split("&")]
    return (secret, f"{address.path}?{address.query}", address.path, *values, address.path.rpartition("/")[2])
