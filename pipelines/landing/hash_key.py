"""The warehouse key: turns identifiers of persons and households into keyed hashes (spec §5, docs/personal-data.md)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import pwd
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from pipelines.settings import PROJECT

KEY_BYTES = 32
#: where CARESTAT_ENV says one of these, or nothing, a key may be made or be a development key; elsewhere neither
EASY = frozenset({"", "development", "test"})
#: a key file that begins with this is for development
MARK = b"carestat development key\n"
#: what SHA-256 works on at a time
BLOCK_BYTES = 64
#: of HMAC-SHA-256 that are kept of an identifier
HASH_BYTES = 16
#: what CARESTAT_KEY=development stands for: known to everyone who reads this
DEVELOPMENT = hashlib.sha256(MARK).digest()
#: a key drawn at random has some thirty different bytes; one with fewer than this was typed
LEAST_DISTINCT = 8


class KeyUnreadable(RuntimeError):
    """There is no usable key. The text names the file, what is wrong and the remedy, never the key."""


def key_file() -> Path:
    """CARESTAT_KEY_FILE, else the user's configuration folder; HOME may be unset under cron."""
    if named := os.environ.get("CARESTAT_KEY_FILE"):
        return Path(named)
    if configured := os.environ.get("XDG_CONFIG_HOME"):
        return Path(configured) / "carestat" / "key"
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return Path(home) / ".config" / "carestat" / "key"


def load_key(*kept_out: Path) -> bytes:
    """The key: CARESTAT_KEY (hex or base64), else the bytes of the key file, made with mode 600 on first use.

    The file may lie neither in the project nor in a folder of `kept_out` (raw/, var/). In production, which is every
    CARESTAT_ENV but those of EASY, a key is never made and never a development key: hashes of another key do not join
    those that were made before. Raises KeyUnreadable.
    """
    production = os.environ.get("CARESTAT_ENV", "").strip().lower() not in EASY
    if written := os.environ.get("CARESTAT_KEY", "").strip():
        key, place = _from_text(written), "CARESTAT_KEY"
    else:
        path = key_file()
        _refuse_inside(path, kept_out)
        if not path.exists():
            _make(path, production)
        key, place = _from_file(path), str(path)
    if production and (key == DEVELOPMENT or key.startswith(MARK) or len(set(key)) < LEAST_DISTINCT):
        raise KeyUnreadable(
            f"开发用密钥不得用于生产环境，请用正式密钥 · development key refused in production: {place}"
        )
    return key


def _from_text(written: str) -> bytes:
    if written == "development":
        return DEVELOPMENT
    try:
        is_hex = re.fullmatch(r"(?:[0-9a-fA-F]{2})+", written)
        key = bytes.fromhex(written) if is_hex else base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) < KEY_BYTES:
        raise KeyUnreadable(
            f"CARESTAT_KEY 须为至少{KEY_BYTES}字节的十六进制或 base64，可用 openssl rand -hex {KEY_BYTES} 生成"
            f" · CARESTAT_KEY must be hex or base64 of at least {KEY_BYTES} bytes"
        )
    return key


def _refuse_inside(path: Path, kept_out: tuple[Path, ...]) -> None:
    """Folders that are copied, delivered into or backed up as data are no place for a key."""
    real = path.resolve()
    for folder in (PROJECT, *kept_out):
        if real.is_relative_to(Path(folder).resolve()):
            raise KeyUnreadable(
                f"密钥文件不得放在 {folder} 内，请移到别处并设 CARESTAT_KEY_FILE"
                f" · key file must lie outside {folder}, move it and set CARESTAT_KEY_FILE: {path}"
            )


def _make(path: Path, production: bool) -> None:
    if production:
        raise KeyUnreadable(
            f"没有密钥，生产环境不自动生成：请恢复备份，首次使用请先生成"
            f"（umask 077; head -c {KEY_BYTES} /dev/urandom > {path}）"
            f" · no key, and production never makes one: restore it from backup: {path}"
        )
    mark = MARK if os.environ.get("CARESTAT_ENV", "").strip() else b""
    half = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(mark + secrets.token_bytes(KEY_BYTES))
        try:
            os.link(half, path)  # the first of two concurrent runs wins; the other reads its key
        except FileExistsError:
            pass
        finally:
            half.unlink()
    except OSError as error:
        raise KeyUnreadable(
            f"密钥文件写不了（{error.strerror}），请设 CARESTAT_KEY_FILE · key file cannot be made: {path}"
        ) from None


def _from_file(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            raise KeyUnreadable(f"密钥不是普通文件 · key is no regular file: {path}")
        if mode & 0o077:
            raise KeyUnreadable(
                f"密钥文件权限为 {stat.S_IMODE(mode):o}，他人可读写，请执行 chmod 600 {path}"
                f" · key file of mode {stat.S_IMODE(mode):o} is open to others: chmod 600"
            )
        key = path.read_bytes()
    except OSError as error:
        raise KeyUnreadable(f"密钥文件读不了（{error.strerror}）· key file cannot be read: {path}") from None
    if len(key.removeprefix(MARK)) < KEY_BYTES:
        raise KeyUnreadable(f"密钥文件过短，请恢复备份 · key file too short, restore it from backup: {path}")
    return key


def key_id(key: bytes) -> str:
    """Names a key without telling it: first 8 hex digits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:8]


def changed_key(var: Path, key: bytes) -> str | None:
    """What to tell when `var` was landed with another key: everything is landed anew, so no person is counted twice.

    Remembers the key's id for the next time.
    """
    from .store import read_sealed, write_sealed  # polars: the command counts its threads before it is imported

    path, now = var / "landing" / "key.json", key_id(key)
    known = read_sealed(path)
    if known != {"key_id": now}:
        write_sealed(path, {"key_id": now})
    if known is None or known == {"key_id": now}:
        return None
    return f"密钥已更换（{now}），全部交付重新接收 · another key ({now}): every delivery is landed anew"


def keyed_hash(key: bytes, identifier: str) -> str:
    """First 128 bits of HMAC-SHA-256, as 32 hex digits."""
    return hmac.digest(key, identifier.encode(), "sha256")[:HASH_BYTES].hex()


def keyed_hashes(key: bytes, identifiers: Iterable[bytes]) -> Iterator[bytes]:
    """The whole HMAC-SHA-256 of each identifier (UTF-8), of which `keyed_hash` writes the first half. Its two passes
    over the padded key (RFC 2104) are made once and copied: two fifths of the time of `hmac.digest`."""
    padded = (key if len(key) <= BLOCK_BYTES else hashlib.sha256(key).digest()).ljust(BLOCK_BYTES, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded)).copy
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded)).copy
    for identifier in identifiers:
        first, second = inner(), outer()
        first.update(identifier)
        second.update(first.digest())
        yield second.digest()
