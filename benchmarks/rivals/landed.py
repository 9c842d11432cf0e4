"""What the rivals begin with: the landed rows that the slice reads, as Parquet, in DuckDB and in PostgreSQL."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import psycopg

from benchmarks.country import Country

COLUMNS = {
    "regions": "region_code, level, parent_code",
    "elderly_facilities": "facility_id, county_code, facility_type, beds, nursing_beds, inclusive, star_grade,"
    " residents, local_residents, status, opened_on, closed_on, delivery_period",
    "childcare_facilities": "facility_id, county_code, facility_type, ownership, places, status, opened_on, closed_on,"
    " delivery_period",
    "communities": "county_code, community_type, has_home_service, has_visit_system, has_daycare, delivery_period",
    "population": "region_code, age_from, population, delivery_period",
    "subsidy_ledger": "programme_code, county_code, facility_id, person_id, cast(amount as decimal(18, 2)) as amount,"
    " service_month, payment_status, delivery_period",
}
#: a machine of two cores, tuned as one would for a nightly load
SERVER = {
    "listen_addresses": "''", "shared_buffers": "2GB", "work_mem": "512MB", "maintenance_work_mem": "512MB",
    "max_parallel_workers_per_gather": "2", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off",
    "wal_level": "minimal", "max_wal_senders": "0", "max_wal_size": "8GB", "jit": "off",
}  # fmt: skip


def write(country: Country, out: Path) -> dict[str, int]:
    """One Parquet file a source with the columns of the slice; rows by source."""
    out.mkdir(parents=True, exist_ok=True)
    rows = {}
    with duckdb.connect() as connection:
        for source, columns in COLUMNS.items():
            files = country.landed(source)
            connection.execute(
                f"copy (select {columns} from read_parquet($1)) to '{out / source}.parquet' (format parquet)", [files]
            )
            rows[source] = connection.execute(f"select count(*) from '{out / source}.parquet'").fetchall()[0][0]
    return rows


def database(out: Path, path: Path) -> None:
    """A DuckDB file with a view on each of them in schema landed."""
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema landed")
        for source in COLUMNS:
            connection.execute(f"create view landed.{source} as from read_parquet('{out / source}.parquet')")


@contextmanager
def postgres(folder: Path) -> Iterator[Path]:
    """A private server in `folder`, reached by its socket there; stopped at the end."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder.mkdir(parents=True)
    owner = [] if os.getuid() else ["runuser", "-u", "postgres", "--"]
    if owner:  # the server refuses to run as root
        for passed in (folder.parent, folder.parent.parent):
            passed.chmod(0o755)
        shutil.chown(folder, pwd.getpwnam("postgres").pw_name)
    data = folder / "data"

    def run(*arguments: object) -> None:
        subprocess.run([*owner, *map(str, arguments)], check=True, cwd=folder, stdout=subprocess.DEVNULL)

    run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale", "C")
    options = " ".join(f"-c {name}={value}" for name, value in SERVER.items())
    run(programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-k {folder} {options}", "start")
    try:
        yield folder
    finally:
        run(programs / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")


def load(socket: Path, out: Path) -> None:
    """Copy the rows into schema landed of the server, as CSV made by DuckDB, and analyse them."""
    with psycopg.connect(host=str(socket), user="postgres", autocommit=True) as server, duckdb.connect() as reader:
        server.execute("drop schema if exists landed cascade")
        server.execute("create schema landed")
        for source in COLUMNS:
            described = reader.execute(f"describe from '{out / source}.parquet'").fetchall()
            columns = ", ".join(
                f"{name} {'text' if kind.startswith(('VARCHAR', 'ENUM')) else kind}" for name, kind, *_ in described
            )
            server.execute(f"create unlogged table landed.{source} ({columns})")
            text = out / f"{source}.csv"
            reader.execute(f"copy (from '{out / source}.parquet') to '{text}' (header false)")
            with (
                server.cursor().copy(f"copy landed.{source} from stdin (format csv)") as into,
                text.open("rb") as lines,
            ):
                while block := lines.read(1 << 20):
                    into.write(block)
            text.unlink()
            server.execute(f"analyze landed.{source}")


def fetch(socket: Path, out: Path, tables: tuple[str, ...]) -> None:
    """The server's results as CSV files, for the comparison."""
    with psycopg.connect(host=str(socket), user="postgres") as server:
        for table in tables:
            with server.cursor().copy(f"copy slice.{table} to stdout (format csv, header)") as rows:
                (out / f"{table}.csv").write_bytes(b"".join(rows))
