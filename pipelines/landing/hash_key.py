"""The warehouse key: turns identifiers of persons and households into keyed hashes (spec §5)."""

from __future__ import annotations

import hashlib
import hmac
import os
import pwd
import secrets
from pathlib import Path

KEY_BYTES = 32


class KeyUnreadable(RuntimeError):
    """The key file exists but holds no usable key."""


def key_file() -> Path:
    """CARESTAT_KEY_FILE, else the user's configuration folder; HOME may be unset under cron."""
    if named := os.environ.get("CARESTAT_KEY_FILE"):
        return Path(named)
    if configured := os.environ.get("XDG_CONFIG_HOME"):
        return Path(configured) / "carestat" / "key"
    home = os.environ.get("HOME") or pwd.getpwuid(os.getuid()).pw_dir
    return Path(home) / ".config" / "carestat" / "key"


def load_key() -> bytes:
    """The key; made with mode 600 on first use.

    Raises KeyUnreadable when the file is too short: hashing on with another key would split every person in two.
    """
    path = key_file()
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = path.with_name(f".{path.name}.{os.getpid()}.part")
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(secrets.token_bytes(KEY_BYTES))
        try:
            os.link(half, path)  # the first of two concurrent runs wins; the other reads its key
        except FileExistsError:
            pass
        finally:
            half.unlink()
    key = path.read_bytes()
    if len(key) < KEY_BYTES:
        raise KeyUnreadable(f"密钥文件过短，请恢复备份 · key file too short, restore it from backup: {path}")
    return key


def key_id(key: bytes) -> str:
    """Names a key without telling it: first 8 hex digits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:8]


def keyed_hash(key: bytes, identifier: str) -> str:
    """First 128 bits of HMAC-SHA-256, as 32 hex digits."""
    return hmac.digest(key, identifier.encode(), "sha256")[:16].hex()
