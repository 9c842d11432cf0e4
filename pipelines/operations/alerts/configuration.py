"""Whom to tell, and when: the TOML file named by CARESTAT_ALERTS. deploy/alerts.example.toml shows every key."""

from __future__ import annotations

import os
import ssl
import tomllib
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from pipelines.operations.alerts.secret_values import SECRETS, Misconfigured, is_open, resolved
from pipelines.settings import PROJECT, Settings

VARIABLE = "CARESTAT_ALERTS"
#: the machine itself: what goes there needs no TLS
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

Occasions = frozenset[Literal["night", "stale", "late", "disk"]]
Seconds = Annotated[float, Field(gt=0, le=60)]


def _address(text: str) -> str:
    address = parseaddr(text)[1]
    if not address.isascii() or address.count("@") != 1 or any(c in text for c in "\r\n") or "," in text:
        raise ValueError("不是邮件地址 · not a mail address")
    return text


Address = Annotated[str, AfterValidator(_address)]


class Section(BaseModel):
    """Unknown keys are refused, so that a misspelt one is not silently ignored; values never stand in an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class When(Section):
    """Hours without a good night, the disk's limits, and after how many hours the same is told again."""

    stale_hours: Annotated[float, Field(gt=0)] = 30
    disk_used_percent: Annotated[float, Field(gt=0, le=100)] = 90
    disk_free_gib: Annotated[float, Field(ge=0)] = 5
    repeat_hours: Annotated[float, Field(ge=1)] = 24


class Channel(Section):
    """What all channels have. `occasions`: what it is told of; being well again is told where the trouble was."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    occasions: Occasions = frozenset({"night", "stale", "late", "disk"})
    timeout_seconds: Seconds = 10
    ca_file: str | None = None

    def tls(self) -> ssl.SSLContext:
        """Verifies certificate and name, by the system's authorities and those of `ca_file`. Raises Misconfigured."""
        context = ssl.create_default_context()
        if self.ca_file:
            try:
                context.load_verify_locations(self.ca_file)
            except (OSError, ssl.SSLError):
                raise Misconfigured(f"{self.name}.ca_file", "读不了或不是 PEM 证书", "no readable PEM file") from None
        return context


class Webhook(Channel):
    """An HTTPS address that takes a POST: `form` json (our own), or a robot of 企业微信, 钉钉 or 飞书.

    `secret` signs (json: HMAC-SHA256 in a header; robots: 加签/签名校验); `token` is sent as bearer.
    """

    form: Literal["json", "wecom", "dingtalk", "feishu"] = "json"
    url: Annotated[str, Field(repr=False)]
    secret: Annotated[str | None, Field(repr=False)] = None
    token: Annotated[str | None, Field(repr=False)] = None

    @model_validator(mode="after")
    def _usable(self) -> Webhook:
        address = urlsplit(self.url)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("url 应以 https:// 开头 · url must begin with https://")
        if address.username or address.password:
            raise ValueError("url 中不要写用户名和密码，请用 token · no user in url, use token")
        in_clear = address.scheme == "http" and address.hostname not in LOOPBACK
        if in_clear and (self.token or self.form != "json" or address.query):
            raise ValueError("token 和机器人地址不得明文传送，请用 https · secrets go by https only")
        if self.form == "wecom" and self.secret:
            raise ValueError("企业微信机器人没有签名，请删去 secret · robots of wecom sign nothing, remove secret")
        if self.token is not None and not (self.token.isascii() and self.token.isprintable()):
            raise ValueError("token 只能是 ASCII 字符 · token must be printable ASCII")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        return tuple(value for value in (self.url, self.secret, self.token) if value)


class Email(Channel):
    """A mail server (SMTP): `security` starttls (587), tls (465), or none where nothing is logged in."""

    host: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(gt=0, lt=65536)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: Annotated[str | None, Field(repr=False)] = None
    sender: Address
    recipients: Annotated[list[Address], Field(min_length=1, max_length=50)]
    attach_report: bool = True

    @model_validator(mode="after")
    def _usable(self) -> Email:
        if (self.username is None) != (self.password is None):
            raise ValueError("username 与 password 应同时给出 · give both username and password, or neither")
        if self.password and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError("密码不得明文传送，请改 security · a password needs starttls or tls")
        if not f"{self.username or ''}{self.password or ''}".isascii():
            raise ValueError("username 和 password 只能是 ASCII 字符 · must be ASCII: servers take no other")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.password,) if self.password else ()


class Configuration(Section):
    """The whole file. `name` tells installations apart in what people read."""

    name: Annotated[str, Field(max_length=40)] = ""
    when: When = When()
    webhook: tuple[Webhook, ...] = ()
    email: tuple[Email, ...] = ()

    @property
    def channels(self) -> tuple[Webhook | Email, ...]:
        return (*self.webhook, *self.email)


def configured(settings: Settings) -> Configuration | None:
    """None where CARESTAT_ALERTS is not set: nobody is told. Raises Misconfigured."""
    named = os.environ.get(VARIABLE, "").strip()
    if not named:
        return None
    path = Path(named).expanduser()
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
        raise Misconfigured(VARIABLE, f"{path} 读不了（{why}）", "cannot be read; name a TOML file") from None
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(VARIABLE, f"{path.name} 不是 TOML：{error}", "not TOML") from None
    _guard(path, content, settings)
    content = {
        key: _sections(key, value, path.parent) if key in ("webhook", "email") else value
        for key, value in content.items()
    }
    try:
        made = Configuration.model_validate(content)
    except ValidationError as refused:
        raise _told(refused) from None
    names = [channel.name for channel in made.channels]
    for name in {name for name in names if names.count(name) > 1}:
        raise Misconfigured("name", f"“{name}”用了两次，各通道须不同名", f"{name} names two channels")
    for channel in made.channels:
        channel.tls()
    return made


def _guard(path: Path, content: dict[str, Any], settings: Settings) -> None:
    """A file with a secret in it is the owner's alone, and lies neither in the project nor among data."""
    sections = [part for kind in ("webhook", "email") for part in content.get(kind, []) if isinstance(part, dict)]
    if not any(key in section for section in sections for key in SECRETS):
        return
    if is_open(path):
        raise Misconfigured(
            VARIABLE,
            f"{path} 内有密码或机器人地址而他人可读写，请执行 chmod 600 {path}",
            "holds a secret and is open to others: chmod 600",
        )
    for folder in (PROJECT, settings.var, settings.raw):
        if path.resolve().is_relative_to(folder.resolve()):
            raise Misconfigured(
                VARIABLE,
                f"{path} 内有密码，不得放在 {folder} 内，请移到如 /etc/carestat 处",
                "holds a secret: keep it outside project, var/ and raw/",
            )


def _sections(kind: str, value: Any, folder: Path) -> Any:
    if not isinstance(value, list):
        raise Misconfigured(kind, f"应写成 [[{kind}]]", f"write [[{kind}]]")
    return [resolved(section, f"{kind}[{place}]", folder) for place, section in enumerate(value, 1)]


def _told(refused: ValidationError) -> Misconfigured:
    """The first fault in people's words; pydantic's own text would show the value."""
    fault = refused.errors(include_url=False, include_input=False)[0]
    place = ""
    for part in fault["loc"]:
        place += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if place else str(part)
    kind = fault["type"]
    if kind == "extra_forbidden":
        return Misconfigured(place, "没有这个设置，请核对拼写", "unknown key")
    if kind == "missing":
        return Misconfigured(place, "缺少，请补上", "missing")
    if kind == "value_error":
        chinese, _, english = str(fault["ctx"]["error"]).partition(" · ")
        return Misconfigured(place, chinese, english)
    return Misconfigured(place, "值不合要求", fault["msg"])
