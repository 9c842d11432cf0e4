"""An office with a SQL server: its own PostgreSQL, a release typed by hand, and three accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from click.testing import CliRunner

from pipelines.serving import cluster
from pipelines.serving.commands import serve
from pipelines.serving.server import connect
from tests.integration import serve_release

#: 乙三县: its account knows 11 of the 24 of 500200
COUNTY = "500203"


class Office:
    """A server with a release and three accounts: a reader, a county's, a cleared one."""

    def __init__(self, folder: Path, port: int) -> None:
        self.var, self.port = folder / "var", port
        self.cluster = cluster.Cluster(self.var / "server", port, process_megabytes=900)
        self.settings = serve_release.release(self.var, "r1")

    def open(self) -> None:
        made = CliRunner().invoke(serve, ["--var", str(self.var), "init", "--port", str(self.port)])
        assert made.exit_code == 0, made.output
        with (self.cluster.data / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write("fsync = off\n")
        self.cluster.start()
        self.command("load")
        for name, given in {"ann": [], "bob": ["--region", COUNTY], "cleo": ["--cleared"]}.items():
            self.command("account", "add", name, *given, "--password-file", "-", stdin=f"password of {name}\n")

    def command(self, *arguments: str, stdin: str = "") -> str:
        done = CliRunner().invoke(serve, ["--var", str(self.var), *arguments], input=stdin)
        assert done.exit_code == 0, done.output
        return done.output

    def login(self, name: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            f"host=127.0.0.1 port={self.port} dbname=carestat user={name} sslmode=require",
            password=f"password of {name}",
            autocommit=True,
        )

    def rows(self, name: str, sql: str) -> list[tuple[Any, ...]]:
        with self.login(name) as connection:
            return connection.execute(sql).fetchall()


def answer(office: Office, name: str, statement: str) -> str:
    with office.login(name) as connection:
        told: list[str] = []
        connection.add_notice_handler(lambda notice: told.append(str(notice.message_primary)))
        try:
            cursor = connection.execute(statement)
            told.append(str(cursor.fetchall()) if cursor.description else str(cursor.statusmessage))
        except psycopg.Error as refused:
            told.insert(0, f"refused: {refused}")
        return "\n".join(told)


def state(office: Office) -> list[tuple[Any, ...]]:
    """What a statement could have left behind."""
    with connect(office.settings) as admin:
        return admin.execute(
            "select 'relation', oid::text, relacl::text from pg_class where relnamespace::regnamespace::text !~ '^pg_'"
            " union all select 'function', oid::text, proacl::text from pg_proc"
            " union all select 'role', rolname, rolsuper || ' ' || rolconnlimit from pg_roles"
            " union all select 'object', oid::text, '' from pg_largeobject_metadata"
            " union all select 'account', name, is_cleared || coalesce(region_code, '') from carestat.account"
            " union all select 'extension', extname, '' from pg_extension"
            " union all select 'rows', budget_yuan::text, '' from marts.county_budget order by 1, 2"
        ).fetchall()
