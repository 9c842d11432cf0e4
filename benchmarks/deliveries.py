"""Large invented deliveries for the landing benchmarks: the same rows whenever they are made; none is kept in raw/."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from pipelines.settings import PROJECT

#: rows made at once
CHUNK = 1_000_000
SOURCE, PERIOD, NAME = "fund_ledger", "2024", "000000"


def rows_of_ledger(rows: int) -> Iterator[pl.DataFrame]:
    """Entries of a nation's fund ledger as text: a code, a region, four words of closed lists, an amount with two
    decimals, a date and two columns that no contract knows."""
    counties = _counties()
    for start in range(0, rows, CHUNK):
        number = pl.int_range(start, min(start + CHUNK, rows), eager=True)
        yield pl.DataFrame(
            {
                "记录编号": "FZ24-" + number.cast(pl.String).str.zfill(8),
                "区划代码": counties.gather((number * 7919) % len(counties)),
                "资金来源": _one_of(number * 3, "福彩公益金", "一般公共预算", "体彩公益金", "中央预算内投资"),
                "是否用于社会福利事业": _one_of(number, "是", "否", "是"),
                "留存级次": _one_of(number * 5, "区县", "市级", "省级"),
                "收支类型": _one_of(number * 7, "支出", "收入", "预算安排"),
                "用途": _one_of(number * 11, "养老服务设施建设", "养老运营补贴", "其他养老服务", "托育服务"),
                "金额": ((number * 104_729) % 900_000_007 / 100).cast(pl.Decimal(14, 2)).cast(pl.String),
                "日期": pl.select(pl.date(2024, 1, 1) + pl.duration(days=(number * 31) % 366))
                .to_series()
                .cast(pl.String),
                "经办": _one_of(number * 13, "财政一科", "社保二科𠮷", "民政三科"),
            }
        )


def write_csv(path: Path, rows: int, encoding: str = "utf-8") -> None:
    """The ledger as CSV."""
    with path.open("wb") as out:
        for place, frame in enumerate(rows_of_ledger(rows)):
            text = frame.write_csv(include_header=place == 0)
            out.write(text.encode(encoding))


def write_workbook(path: Path, rows: int) -> None:
    """The ledger as a workbook of one sheet, amounts as numbers."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("台账")
        line = 0
        for frame in rows_of_ledger(rows):
            typed = frame.with_columns(pl.col("金额").cast(pl.Float64))
            for row in [frame.columns, *typed.rows()] if line == 0 else typed.rows():
                sheet.write_row(line, 0, row)
                line += 1


def installation(folder: Path, delivered: Path) -> Path:
    """A raw/ with the shipped register of regions and `delivered` alone; returns it."""
    shutil.rmtree(folder, ignore_errors=True)
    raw = folder / "raw"
    shutil.copytree(PROJECT / "raw" / "regions", raw / "regions")
    place = raw / SOURCE / PERIOD / f"{NAME}{delivered.suffix}"
    place.parent.mkdir(parents=True)
    place.hardlink_to(delivered)
    return raw


def _counties() -> pl.Series:
    register = pl.read_csv(next((PROJECT / "raw" / "regions").glob("*/*.csv")), infer_schema=False)
    standing = (pl.col("级别") == "县级") & (pl.col("失效日期").fill_null("") == "")
    return register.filter(standing)["区划代码"]


def _one_of(number: pl.Series, *words: str) -> pl.Series:
    return pl.Series(words).gather(number % len(words))
