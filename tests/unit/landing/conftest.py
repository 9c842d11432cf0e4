"""A small raw folder: the register of one prefecture, and deliveries into it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from pipelines.landing.land import Landing

REGIONS_HEADER = (
    "区划代码,区划名称,级别,上级区划代码,县级类型,乡级类型,城乡分类,是否国标代码,是否单独报送,"
    "生效日期,失效日期,后继代码"
)
REGIONS = """\
000000,全国,全国,000000,,,,是,否,1949-10-01,,
510000,四川省,省级,000000,,,,是,否,1949-10-01,,
511700,达州市,地级,510000,,,,是,否,1999-01-01,,
511702,通川区,县级,511700,市辖区,,,是,否,1999-01-01,,
511703,达川区,县级,511700,市辖区,,,是,否,2013-07-18,,
511721,达县,县级,511700,县,,,是,否,1999-01-01,2013-07-18,511703
511799,合并县,县级,511700,县,,,是,否,1999-01-01,2010-01-01,511702;511703
511702001,东城街道,乡级,511702,,街道,,是,否,1999-01-01,,
511703001,三里坪街道,乡级,511703,,街道,,是,否,2013-07-18,,
"""


class World:
    """raw/ and var/ of one test."""

    def __init__(self, root: Path) -> None:
        self.raw, self.var = root / "raw", root / "var"
        self.put("regions/2023-12-31/000000.csv", REGIONS_HEADER + "\n" + REGIONS)

    def put(self, path: str, content: str | bytes) -> Path:
        """Deliver a file; text as UTF-8."""
        target = self.raw / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        return target

    def table(self, path: str, header: str, *rows: str) -> Path:
        """Deliver a CSV of a header line and data lines."""
        return self.put(path, "\n".join([header, *rows]) + "\n")

    def sheet(self, path: str, rows: list[list[object]]) -> Path:
        """Deliver a workbook of one sheet."""
        import xlsxwriter

        target = self.put(path, b"")
        workbook = xlsxwriter.Workbook(target)
        sheet = workbook.add_worksheet("表")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
        workbook.close()
        return target

    @staticmethod
    def landed(result) -> pl.DataFrame:
        """All landed rows of a result, in order of period."""
        return pl.concat([pl.read_parquet(path) for path in result.files])

    @staticmethod
    def refused(result) -> list[tuple]:
        """The quarantine as (row_number, reason, all_reasons, column, raw_value)."""
        return result.quarantine.select("row_number", "reason", "all_reasons", "column", "raw_value").rows()

    @staticmethod
    def whole(result):
        """The result, once the identity of every file was found to hold."""
        for row in result.reconciliation.iter_rows(named=True):
            assert row["delivered"] == row["landed"] + row["quarantined"] + row["superseded"] + row["ignored"], row
        return result

    def land(self, source: str):
        """A fresh look at raw/, then the source."""
        return Landing(self.raw, self.var).land(source)


@pytest.fixture(autouse=True)
def hash_key(tmp_path_factory, monkeypatch):
    """Every test has a key of its own, outside its raw and var."""
    path = tmp_path_factory.mktemp("key") / "key"
    path.write_bytes(b"k" * 32)
    path.chmod(0o600)
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(path))


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


@pytest.fixture(scope="module")
def world_in():
    """Makes a world in a given folder, for tests that make many."""
    return World
