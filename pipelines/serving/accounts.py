"""Accounts: roles that may log in and read, each an ordinary reader, one of a region, or a cleared one."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date

import psycopg
from psycopg import sql

from pipelines.serving.server import Connection

NAME = re.compile(r"[a-z][a-z0-9_]{1,30}")
RESERVED = ("pg_", "carestat", "postgres", "public")
#: characters at least; a generated one has 32
SHORTEST = 12
CONNECTIONS = 8


@dataclass(frozen=True)
class Limits:
    """What one account may use: seconds a statement and a transaction may take, megabytes of temporary files."""

    statement_seconds: int = 60
    transaction_seconds: int = 300
    temporary_megabytes: int = 2048

    @property
    def settings(self) -> dict[str, str]:
        """For the role. An account can lift the first six for itself: for these there is the watchdog."""
        return {
            "statement_timeout": f"{self.statement_seconds}s",
            "idle_in_transaction_session_timeout": f"{self.transaction_seconds}s",
            "default_transaction_read_only": "on",
            # all statements of a transaction see one release
            "default_transaction_isolation": "repeatable read",
            "search_path": "marts, reference",
            "work_mem": "16MB",
            "temp_file_limit": f"{self.temporary_megabytes}MB",
            # longer than a load waits for its locks: the load gives way, not the reader
            "deadlock_timeout": "10s",
        }


class BadAccount(Exception):
    """A name, password or region that an account cannot have."""


@dataclass(frozen=True)
class Account:
    """`region_code` null and not cleared: an ordinary reader. `valid_until`: last day, null for no end."""

    name: str
    region_code: str | None
    is_cleared: bool
    valid_until: date | None
    connected: int


def generated() -> str:
    """A password of 192 bits."""
    return secrets.token_urlsafe(24)


def add(
    connection: Connection,
    name: str,
    password: str,
    region_code: str | None = None,
    is_cleared: bool = False,
    valid_until: date | None = None,
    limits: Limits | None = None,
) -> None:
    """Make the account, or give an account new rights and a new password. The server never gets the password itself,
    only what scram-sha-256 makes of it. Raises BadAccount.
    """
    if not NAME.fullmatch(name) or name.startswith(RESERVED):
        raise BadAccount(f"账号名只用小写字母、数字和下划线，字母开头 · not a name for an account: {name}")
    if len(password) < SHORTEST:
        raise BadAccount(f"密码至少 {SHORTEST} 个字符 · a password needs {SHORTEST} characters")
    if region_code is not None and is_cleared:
        raise BadAccount("--region 与 --cleared 只能取一 · either of a region or cleared")
    verifier = connection.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256").decode()
    with connection.transaction():
        if region_code is not None and not _is_region(connection, region_code):
            raise BadAccount(f"今日的县级以上区划中没有 {region_code} · no such region of county level and above today")
        role = sql.Identifier(name)
        if _has_role(connection, name):
            if connection.execute("select 1 from carestat.account where name = %s", [name]).fetchone() is None:
                raise BadAccount(f"{name} 已是别的角色 · the server has another role of that name")
        else:
            connection.execute(sql.SQL("create role {}").format(role))
        connection.execute(
            sql.SQL(
                "alter role {} login nosuperuser nocreatedb nocreaterole noreplication nobypassrls inherit"
                " connection limit {} password {} valid until {}"
            ).format(
                role,
                sql.Literal(CONNECTIONS),
                sql.Literal(verifier),
                sql.Literal(f"{valid_until.isoformat()} 23:59:59" if valid_until else "infinity"),
            )
        )
        connection.execute(sql.SQL("grant carestat_account to {}").format(role))
        for setting, value in (limits or Limits()).settings.items():
            connection.execute(
                sql.SQL("alter role {} set {} to {}").format(
                    role,
                    sql.Identifier(setting),
                    sql.SQL(", ").join(sql.Literal(part) for part in value.split(", ")),
                )
            )
        connection.execute(
            "insert into carestat.account values (%s, %s, %s) on conflict (name) do update"
            " set region_code = excluded.region_code, is_cleared = excluded.is_cleared",
            [name, region_code, is_cleared],
        )


def remove(connection: Connection, name: str) -> None:
    """End the account's connections and the account. Raises BadAccount."""
    with connection.transaction():
        if connection.execute("delete from carestat.account where name = %s", [name]).rowcount == 0:
            raise BadAccount(f"没有账号 {name} · no such account")
        connection.execute(sql.SQL("alter role {} nologin").format(sql.Identifier(name)))
    connection.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename = %s", [name])
    connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def listed(connection: Connection) -> list[Account]:
    """All accounts by name."""
    found = connection.execute(
        "select account.name, region_code, is_cleared, nullif(rolvaliduntil, 'infinity')::date,"
        " (select count(*) from pg_stat_activity where usename = account.name)"
        " from carestat.account left join pg_roles on rolname = account.name order by 1"
    ).fetchall()
    return [Account(*row) for row in found]


def _has_role(connection: Connection, name: str) -> bool:
    return connection.execute("select 1 from pg_roles where rolname = %s", [name]).fetchone() is not None


def _is_region(connection: Connection, region_code: str) -> bool:
    known = "select 1 from shown.account_reach where account_region = %s limit 1"
    try:
        return connection.execute(known, [region_code]).fetchone() is not None
    except psycopg.errors.UndefinedTable as nothing:
        raise BadAccount("尚未装载发布，先运行 carestat serve load · nothing loaded yet") from nothing
