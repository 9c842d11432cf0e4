"""What is in service, judged as a whole: the file, the Parquet beside it and what release.json says of them."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from pipelines.warehouse import read
from tests.integration.installation import Installation, digest

TABLES = "select schema_name, table_name from duckdb_tables() where schema_name in ('reference', 'marts') order by all"


class Torn(AssertionError):
    """What is in service does not belong together, or is neither the former release nor the new one."""


def release_in_service(installation: Installation) -> str:
    """The id of the release in service, after a look at all of it. Raises Torn.

    All names lead through one link; release.json and the file say the same release; every table of `reference` and
    `marts` holds, row by row, what its Parquet file holds; nothing else lies there.
    """
    warehouse = installation.settings.warehouse
    release_id = os.readlink(warehouse / "current").removeprefix("releases/")
    folder = warehouse / "releases" / release_id
    for name in ("marts.duckdb", "parquet", "release.json"):
        if (warehouse / name).resolve() != folder / name:
            raise Torn(f"{name} leads to {(warehouse / name).resolve()}, not into {release_id}")
    told = f'"release_id": "{release_id}"'
    if told not in (folder / "release.json").read_text(encoding="utf-8"):
        raise Torn(f"release.json is not of {release_id}")
    [(said,)] = installation.rows("select release_id from ops.release")
    if said != release_id:
        raise Torn(f"the file of {release_id} says it is {said}")
    tables = {f"{schema}/{table}.parquet": f"{schema}.{table}" for schema, table in installation.rows(TABLES)}
    if set(tables) != set(installation.parquet):
        raise Torn(f"{release_id}: tables and Parquet differ: {sorted(set(tables) ^ set(installation.parquet))}")
    return release_id


def contents_agree(installation: Installation) -> None:
    """Every table of the released file holds exactly the rows of its Parquet file. Raises Torn."""
    settings = installation.settings
    connection = read.duckdb.connect()
    try:
        connection.execute(f"attach '{settings.released}' as carestat (read_only)")
        for schema, table in connection.execute(TABLES).fetchall():
            both = [
                connection.execute(f"select count(*), bit_xor(hash(t)) from {rows} as t").fetchone()
                for rows in (
                    f'carestat.{schema}."{table}"',
                    f"read_parquet('{settings.warehouse}/parquet/{schema}/{table}.parquet')",
                )
            ]
            if both[0] != both[1]:
                raise Torn(f"{schema}.{table}: the file holds {both[0]}, its Parquet {both[1]}")
    finally:
        connection.close()


def folder_digest(folder: Path) -> str:
    """sha256 over the paths, times and contents of all files below a folder: nothing delivered was touched or lost."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        whole.update(f"{path.relative_to(folder)}\0{path.stat().st_mtime_ns}\0{digest(path)}\n".encode())
    return whole.hexdigest()
