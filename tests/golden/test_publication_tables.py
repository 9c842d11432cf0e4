"""The published tables of the shipped deliveries: whole, keyed, within the governed regions, as the marts have them."""

import polars as pl
import pytest

from pipelines.publication import content
from pipelines.publication.book import COLUMNS, TABLES
from pipelines.warehouse import read
from tests.golden.banan_2021_74.test_annex_1 import PRINTED
from tests.shipped import Warehouse

YEAR = "2025"


@pytest.fixture(scope="module")
def tables(shipped: Warehouse) -> dict[str, pl.DataFrame]:
    connection = read.connect(read.released_file(shipped.settings))
    try:
        content.open_year(connection, YEAR)
        return content.tables_of(connection, YEAR)
    finally:
        connection.close()


def test_every_column_is_declared_and_every_declared_one_is_published(tables):
    published = {column for frame in tables.values() for column in frame.columns}
    assert published <= set(COLUMNS)
    later = {"rows_included", "rows_excluded", "quantity", "row_numbers", "excluded_reasons"}
    later |= {"table_name", "item", "item_name", "column", "old", "new", "cause"}
    assert set(COLUMNS) - published <= later


def test_rows_are_told_apart_by_the_key_of_their_table(tables):
    for name, frame in tables.items():
        assert frame.height > 0, name
        doubled = frame.group_by(TABLES[name].key).len().filter(pl.col("len") > 1)
        assert doubled.is_empty(), f"{name}: {doubled}"


def test_annex_1_of_banan_is_printed_as_in_the_document(tables):
    rows = tables["document_rows"].filter(document_key="banan_2021_74", table_key="annex_1").sort("row_no")
    found = rows.select(
        "row_no", "label", "unit", "baseline_printed", "target_printed", "attribute", "responsible"
    ).rows()
    assert found == PRINTED


def test_figures_are_those_of_the_governed_regions_down_to_counties_and_banan_s_towns(tables):
    places = tables["figures"].select("region_code", "region_level").unique()
    towns = places.filter(region_level="town")["region_code"].to_list()
    assert len(towns) == 23 and all(code.startswith("500113") for code in towns)
    governed = ("500113", "5117", "52", "41")
    assert all(code.startswith(governed) for code in places["region_code"])
    assert {"500113", "511700", "520000", "410000", "520115", "411481"} <= set(places["region_code"])


def test_no_later_year_than_the_publication_s(shipped):
    connection = read.connect(read.released_file(shipped.settings))
    try:
        content.open_year(connection, "2023")
        early = content.tables_of(connection, "2023")
    finally:
        connection.close()
    assert early["figures"]["period"].max() == "2023"
    assert early["progress"]["period"].max() == "2023"
    nursing = early["document_rows"].filter(document_key="banan_2021_74", table_key="annex_1", row_no=5)
    assert nursing["actual_period"].to_list() == ["2023"]


def test_published_rows_are_the_mart_s(tables, shipped):
    """At the latest year the year's own judgement is what the document's mart says."""
    rows = tables["document_rows"].filter(document_key="dazhou_yilaoyixiao", table_key="table_1").sort("row_no")
    mart = shipped.rows(
        "select row_no, label, actual_period, actual_value, status, still_needed"
        " from marts.dazhou_yilaoyixiao_table_1 order by row_no"
    )
    assert rows.select("row_no", "label", "actual_period", "actual_value", "status", "still_needed").rows() == mart
