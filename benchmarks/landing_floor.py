"""The floor of landing the ledger: the same rows from the same delivered files in DuckDB SQL written by hand.

usage: landing_floor.py FILES FOLDER: FILES is a JSON object: `ledger`, the delivered Parquet files of each month;
`registers` and `regions`, landed Parquet. Writes month.parquet and month.finding.parquet in FOLDER.
CARESTAT_DUCKDB_MEMORY and CARESTAT_SPILL bound it as they bound a night.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

from benchmarks.ledger_floor import bounded
from pipelines.landing.hash_key import BLOCK_BYTES, load_key

SQL = Path(__file__).with_suffix(".sql")
#: of the landed rows, those that stand in what is written by hand
COLUMNS = (
    "payment_id", "programme_code", "county_code", "payee_kind", "facility_id", "person_id", "base_quantity",
    "unit_amount", "amount", "service_month", "paid_on", "payment_status", "delivery_path", "delivery_row",
    "delivery_period", "delivery_supplier",
)  # fmt: skip


def land(files: dict[str, dict[str, list[str]]], folder: Path) -> None:
    """Every month by itself, as a night lands them."""
    connection = bounded(":memory:")
    key = load_key().ljust(BLOCK_BYTES, b"\0")
    for name, pad in (("inner_pad", 0x36), ("outer_pad", 0x5C)):
        connection.execute(f"set variable {name} = $1::blob", [bytes(byte ^ pad for byte in key)])
    connection.execute(f"create temp table region as from read_parquet({files['landed']['regions']})")
    connection.execute(f"create temp view register as from read_parquet({files['landed']['registers']})")
    folder.mkdir(parents=True, exist_ok=True)
    for month, paths in files["ledger"].items():
        connection.execute("set variable month = $1", [month])
        connection.execute("set variable month_end = last_day(cast($1 || '-01' as date))", [month])
        connection.execute(
            "create or replace temp view delivered as"
            f" from read_parquet({paths}, filename = true, file_row_number = true)"
        )
        connection.execute(
            "create or replace temp table known as select distinct facility_id from register"
            f" where delivery_period between '{month[:4]}-01' and '{month}'"
        )
        connection.execute(
            "create or replace temp table county as select region_code as code from region where level = 'county'"
            " and valid_from <= getvariable('month_end') and coalesce(valid_to > getvariable('month_end'), true)"
        )
        sql = SQL.read_text(encoding="utf-8").replace("'landed.parquet'", f"'{folder / month}.parquet'")
        connection.execute(sql.replace("'finding.parquet'", f"'{folder / month}.finding.parquet'"))
    connection.close()


def unlike(folder: Path, landed: dict[str, list[str]]) -> list[str]:
    """Months whose rows written by hand are not those that landed, whatever their order."""

    def content(files: list[str]) -> tuple[int, int]:
        columns = ", ".join(COLUMNS)
        return duckdb.sql(f"select count(*), bit_xor(hash({columns})) from read_parquet({files})").fetchall()[0]

    return [month for month, files in landed.items() if content([str(folder / f"{month}.parquet")]) != content(files)]


if __name__ == "__main__":
    told, folder = sys.argv[1:]
    land(json.loads(Path(told).read_text(encoding="utf-8")), Path(folder))
