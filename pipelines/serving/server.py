"""The way to the server: the administrator's connection string, from the environment or a file of mode 600."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from pipelines.settings import Settings

VARIABLE = "CARESTAT_SERVER_DSN"
Connection = psycopg.Connection[TupleRow]


class NoServer(Exception):
    """No connection string, or one that others can read."""


def folder(settings: Settings) -> Path:
    """What the server keeps beside the warehouse: its cluster, if it is ours."""
    return settings.var / "server"


def dsn(settings: Settings) -> str:
    """CARESTAT_SERVER_DSN: the string itself or a file that holds it; else var/server/admin.dsn. Raises NoServer."""
    given = os.environ.get(VARIABLE, "")
    if "=" in given or "://" in given:
        return given
    path = Path(given) if given else folder(settings) / "admin.dsn"
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise NoServer(f"{path} 别人也能读，请 chmod 600 · others can read {path}: chmod 600")
        return path.read_text(encoding="utf-8").strip()
    except OSError as missing:
        raise NoServer(
            f"没有服务器连接串：设 {VARIABLE}，或先运行 carestat serve init · no connection string: set {VARIABLE},"
            f" or run `carestat serve init` ({path}: {missing.strerror})"
        ) from missing


def connect(settings: Settings) -> Connection:
    """An administrator's connection, each statement its own transaction unless one is begun. Raises NoServer,
    psycopg.OperationalError.
    """
    return psycopg.connect(dsn(settings), autocommit=True, application_name="carestat", connect_timeout=10)
