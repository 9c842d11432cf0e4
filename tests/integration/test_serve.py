"""`carestat serve` on a real PostgreSQL: who sees what, what no statement can do, releases that follow each other."""

from __future__ import annotations

import itertools
import re
import shutil
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from scipy.optimize import linprog

from pipelines.serving import accounts, cluster, protection
from pipelines.serving.accounts import Limits
from pipelines.serving.load import load
from pipelines.serving.server import connect
from pipelines.serving.watchdog import end_overdue
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse import read
from tests.integration import serve_release
from tests.integration.installation import Installation
from tests.integration.serve_office import COUNTY, Office, answer, state
from tests.integration.serve_release import HIDDEN_VALUES, REGIONS, SERVED

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not (list(Path(cluster.BINARIES).glob("*/bin/initdb")) or shutil.which("initdb")),
        reason="PostgreSQL is not installed (package postgresql)",
    ),
]
STATEMENTS = [
    statement.strip()
    for statement in (PROJECT / "tests" / "hostile" / "server.sql").read_text(encoding="utf-8").split("----\n")[1:]
]


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    with socket.socket() as free, tempfile.TemporaryDirectory(prefix="carestat-") as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        Path(folder).chmod(0o711)
        one = Office(Path(folder), port)
        one.open()
        try:
            yield one
        finally:
            one.cluster.stop()


def test_who_sees_what(office: Office) -> None:
    served = "select region_code, numerator from marts.indicator_value where indicator_key = 'served' order by 1"
    everything = [(code, persons) for code, (persons, _) in sorted(SERVED.items())]
    assert office.rows("cleo", served) == everything
    ann, bob = dict(office.rows("ann", served)), dict(office.rows("bob", served))
    assert ann["500101"] is None and ann["500201"] is None
    assert ann["500104"] == 13 or ann["500102"] == 20 or ann["500103"] == 30, "no more is hidden than must be"
    assert bob[COUNTY] == 11 and bob["500101"] is None and bob["500201"] is None
    assert {code for code in ann if ann[code] != bob[code]} <= {COUNTY}
    figure = "select value, obs_status, conf_status, note from marts.indicator_value where region_code = '500201'"
    assert office.rows("ann", f"{figure} and indicator_key = 'served'") == [(None, "Q", "C", "人数过少，不公布")]
    assert office.rows("ann", f"{figure} and indicator_key = 'beds'") == [(7.0, "A", "F", "照册")]

    assert office.rows("ann", "select facility_id, beds, residents from marts.facility order by 1") == [
        ("F1", 100, None), ("F2", 80, None)
    ]  # fmt: skip
    paid = "select persons from marts.beneficiary where region_code = "
    assert office.rows("ann", f"{paid}'500101'") == [(None,)]
    assert office.rows("ann", f"{paid}'500199'") == [(None,)], "of a region that no register knows nothing is shown"
    for table in ("subsidy_audit", "unit_shortfall"):
        assert office.rows("ann", f"select * from marts.{table}") == []
        assert len(office.rows("cleo", f"select * from marts.{table}")) == 1
    assert office.rows("ann", "select actual_value, status from marts.plan_targets") == [(None, None)]
    assert office.rows("ann", "select col_description('marts.indicator_value'::regclass, 8)") == [("指标值，未取整",)]


@pytest.mark.parametrize("name", ["ann", "bob"])
def test_an_intruder_works_nothing_out(office: Office, name: str) -> None:
    """From all figures that an account gets, sums of regions and shares of at most 100 %: what every small count of
    another region may be. Everything from 1 to 5 has to stay open.
    """
    told = {
        code: (served, poor)
        for code, served, poor in office.rows(
            name,
            "select region_code, numerator, denominator from marts.indicator_value where indicator_key = 'served'",
        )
    }
    names = [(code, side) for code in SERVED for side in (0, 1)]
    place = {cell: number for number, cell in enumerate(names)}
    equal, right, within = [], [], []
    for parent, side in itertools.product(("500000", "500100", "500200"), (0, 1)):
        row = np.zeros(len(names))
        row[place[parent, side]] = 1
        for child in SERVED:
            if REGIONS[child][2] == parent:
                row[place[child, side]] = -1
        equal.append(row)
        right.append(0.0)
    for code in SERVED:
        row = np.zeros(len(names))
        row[place[code, 0]], row[place[code, 1]] = 1, -1
        within.append(row)
    bounds = [
        (told[code][side], told[code][side]) if told[code][side] is not None else (0, None) for code, side in names
    ]
    for code in ("500101", "500201"):
        ends = []
        for sign in (1, -1):
            aim = np.zeros(len(names))
            aim[place[code, 0]] = sign
            found = linprog(aim, np.array(within), np.zeros(len(within)), np.array(equal), np.array(right), bounds)
            ends.append(sign * found.fun if found.status == 0 else np.inf)
        assert ends[0] <= 1 and ends[1] >= 5, f"{name} works out that {code} has {ends[0]:g} to {ends[1]:g}"


def test_conditions_on_hidden_values_leave_no_trace(office: Office) -> None:
    """Neither the plan nor what ran of it depends on whether a condition would have held on a hidden value."""
    plans = []
    for guess in (3, 4):
        sql = (
            "explain (analyze, verbose, timing off, summary off) select * from marts.indicator_value"
            f" where region_code = '500101' and indicator_key = 'served' and numerator = {guess}"
        )
        plans.append(str(office.rows("ann", sql)).replace(f"'{guess}'", "?"))
    assert plans[0] == plans[1]


def test_hostile_statements(office: Office, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not for readers", encoding="utf-8")
    folder = Path(tempfile.mkdtemp(prefix="carestat-open-"))
    folder.chmod(0o777)
    before = state(office)
    assert len(STATEMENTS) >= 40
    for name, statement in itertools.product(("ann", "bob"), STATEMENTS):
        if "-- waits" in statement:
            continue
        told = answer(office, name, statement.format(folder=folder, secret=secret))
        assert not any(value in told for value in (*HIDDEN_VALUES, "not for readers")), (name, statement, told)
        assert "division by zero" not in told, (name, statement)
        if "-- answers" not in statement:
            assert told.startswith("refused"), (name, statement, told)
    assert list(folder.iterdir()) == []
    folder.rmdir()
    assert state(office) == before


def test_nothing_runs_or_holds_for_ever(office: Office) -> None:
    """Also where the account has lifted its own limits."""
    endless = [statement for statement in STATEMENTS if "-- waits" in statement]
    assert len(endless) == 2
    connections = [office.login("ann") for _ in endless]
    ended: list[str] = []

    def run(connection: psycopg.Connection[Any], statement: str) -> None:
        try:
            connection.execute(statement)
            connection.execute("select pg_column_size(1) from generate_series(1, 1000000000000)")
        except psycopg.Error as cut:
            ended.append(type(cut).__name__)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in zip(connections, endless, strict=True)]
    for thread in threads:
        thread.start()
    with connect(office.settings) as watchdog:
        while any(thread.is_alive() for thread in threads):
            end_overdue(watchdog, Limits(statement_seconds=1, transaction_seconds=2))
            threads[0].join(0.2)
    assert len(ended) == 2
    with pytest.raises(psycopg.Error, match="memory"), office.login("ann") as connection:
        connection.execute("set work_mem = '2GB'")
        connection.execute(
            "select count(distinct s) from (select repeat(n::text, 100000) s from generate_series(1, 20000) n) t"
        )
    assert office.rows("ann", "select 1") == [(1,)]


def test_releases_follow_each_other_without_a_mixture(office: Office) -> None:
    """In one statement or several of a transaction; also where tables have another shape than before."""
    stop = threading.Event()
    seen: set[tuple[float, ...]] = set()
    broken: list[str] = []
    stamp, budget = "select value::float from reference.norm", "select budget_yuan::float from marts.county_budget"

    def read_on(at_once: bool) -> None:
        try:
            with office.login("bob") as connection:
                while not stop.is_set():
                    if at_once:
                        [told] = connection.execute(
                            f"select ({stamp}), ({budget}), count(*) from marts.facility"
                        ).fetchall()
                    else:
                        with connection.transaction():
                            one, other = (connection.execute(sql).fetchall()[0][0] for sql in (stamp, budget))
                            told = (one, other, connection.execute("select count(*) from marts.facility").fetchone()[0])
                    seen.add(told)
                    stop.wait(0.2)  # six who never pause starve a swap under locks on a slow machine
        except (psycopg.Error, IndexError, ValueError) as failed:
            broken.append(repr(failed))

    readers = [threading.Thread(target=read_on, args=(number % 2 == 0,)) for number in range(6)]
    for reader in readers:
        reader.start()
    try:
        with connect(office.settings) as admin:
            wider = "alter table marts.county_budget add column note varchar;\n"
            for number, more in ((2, ""), (3, wider), (4, wider)):
                serve_release.release(office.var, f"r{number}", number, more)
                assert load(office.settings, admin).is_new
                assert not load(office.settings, admin).is_new
            serve_release.release(office.var, "r5", 5, "create table marts.nobody_knows as select 3 as residents;\n")
            with pytest.raises(protection.NotListed, match="nobody_knows"):
                load(office.settings, admin)
            left = admin.execute(
                "select distinct load__ from held.marts_facility union select load__ from shown.reference_norm"
            )
            assert left.fetchall() == [(3,)], "r2 and r4 were added as rows, r3 as other tables"
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert broken == []
    assert seen == {(float(number), float(number), 2) for number in (1, 2, 3, 4)}
    assert office.rows("ann", "select release_id from carestat.release") == [("r4",)]


def test_accounts(office: Office) -> None:
    shown = office.command("account", "add", "eve", "--valid-until", "2000-01-01").strip()
    assert len(shown) == 32
    with pytest.raises(psycopg.OperationalError):
        office.login("eve")
    log = office.cluster.log.read_text(encoding="utf-8", errors="replace")
    assert shown not in log and "password of" not in log
    listed = office.command("account", "list")
    assert re.search(rf"^bob\t{COUNTY}\t", listed, re.MULTILINE) and re.search(
        r"^eve\t.*2000-01-01", listed, re.MULTILINE
    )
    office.command("account", "remove", "eve")
    assert "eve" not in office.command("account", "list")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(f"host=127.0.0.1 port={office.port} dbname=carestat user=ann password=wrong sslmode=require")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(
            f"host=127.0.0.1 port={office.port} dbname=carestat user=ann sslmode=disable", password="password of ann"
        )
    with connect(office.settings) as admin, pytest.raises(accounts.BadAccount):
        accounts.add(admin, "zoe", "long enough a word", region_code="599999")


def test_every_released_table_is_listed(released: Installation) -> None:
    settings: Settings = released.settings
    with read.connect(settings.released) as release:
        tables = {table.full_name: table.protection for table in protection.tables_of(release)}
        assert tables["marts.banan_2021_74_annex_1"].blank and tables["reference.region"].is_open
        for table in protection.tables_of(release):
            columns = {
                row[0]
                for row in release.execute(
                    "select column_name from duckdb_columns() where schema_name = ? and table_name = ?",
                    [table.schema, table.name],
                ).fetchall()
            }
            named = {*table.protection.key, *itertools.chain(*table.protection.index)}
            blanked = (
                set() if table.constants else set(itertools.chain(*(one.columns for one in table.protection.blank)))
            )
            assert named | blanked <= columns, table.full_name
