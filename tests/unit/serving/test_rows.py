"""Which cells of a table everybody sees, and which rows are held apart for their own region."""

import duckdb
import pytest

from pipelines.serving import protection, rows, shape
from pipelines.serving.protection import Blank, NotListed, Protection, Table, listed, tables_of

RELEASE = """
create schema marts; create schema reference;
create table reference.document as select 'plan' as document_key, '51' as scope_region;
create table reference.document_table as select 'plan' as document_key, 'targets' as table_key;
create table marts.plan_targets as select 1 as row_no, 3.0 as actual_value;
create table marts.people as select * from (values ('511', '2025', 3), ('512', '2025', 70), (null, '2025', null))
    as t(region_code, period, persons);
create table marts.today as select * from (values
    ('511', '2025', 'served', 'default', '511', 3.0), ('513', '2025', 'served', 'default', null, 9.0),
    ('513', '2025', 'beds', 'default', null, 9.0), ('512', '2025', 'served', 'default', '512', 8.0)
) as t(region_code, period, indicator_key, variant, published_region_code, value);
create temp table hidden_figure as
    select 'served' as indicator_key, 'default' as variant, '511' as region_code, '2025' as period;
create temp table hidden_personal as select 'served' as indicator_key, 'default' as variant;
"""


@pytest.fixture
def release():
    with duckdb.connect() as connection:
        for statement in RELEASE.split(";\n"):
            connection.execute(statement)
        yield connection


def masked(release: duckdb.DuckDBPyConnection, table: Table) -> list[tuple]:
    return [row for frame in rows.masked_rows(release, table) for row in frame.rows()]


def held(release: duckdb.DuckDBPyConnection, table: Table) -> list[tuple]:
    return [row for frame in rows.held_rows(release, table) for row in frame.rows()]


def people(**protected) -> Table:
    return Table("marts", "people", Protection(**protected))


def test_always(release: duckdb.DuckDBPyConnection) -> None:
    table = people(blank=(Blank("always", ("persons",)),))
    assert sorted(masked(release, table), key=str) == [
        ("511", "2025", None, "511", True),
        ("512", "2025", None, "512", True),
        (None, "2025", None, None, False),
    ]
    assert held(release, table) == [("511", "2025", 3, "511"), ("512", "2025", 70, "512")]


def test_one_small_count_empties_the_column(release: duckdb.DuckDBPyConnection) -> None:
    table = people(blank=(Blank("small", ("persons",)),))
    assert {row[2] for row in masked(release, table)} == {None}
    release.execute("update marts.people set persons = 5 where persons = 3")
    assert {row[2] for row in masked(release, table)} == {5, 70, None}
    assert held(release, table) == []


@pytest.mark.parametrize("whose", ["own", "cleared"])
def test_rows_of_others_are_left_out(release: duckdb.DuckDBPyConnection, whose: str) -> None:
    assert masked(release, people(rows=whose)) == []
    assert len(held(release, people(rows=whose))) == 3


def test_sums_of_merged_regions_are_hidden_where_they_count_persons(release: duckdb.DuckDBPyConnection) -> None:
    table = Table(
        "marts", "today", Protection(blank=(Blank("figure", ("value",), {"region_code": "published_region_code"}),))
    )
    assert {row[0:1] + row[2:3] + row[5:6] for row in masked(release, table)} == {
        ("511", "served", None),
        ("513", "served", None),
        ("513", "beds", 9.0),
        ("512", "served", 8.0),
    }
    assert {row[5] for row in held(release, table)} == {3.0, 9.0}


def test_a_table_that_nobody_listed_is_refused(release: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(NotListed, match="people"):
        tables_of(release)
    release.execute("drop table marts.people; drop table marts.today")
    tables = {table.full_name: table for table in tables_of(release)}
    printed = tables["marts.plan_targets"]
    assert printed.constants == {"document_key": "'plan'", "table_key": "'targets'", "region_code": "'51'"}
    assert not printed.protection.is_open and tables["reference.document"].protection.is_open


def test_what_tables_yml_may_not_say(tmp_path) -> None:
    for wrong in ("{rows: some}", "{blank: [{by: nobody}]}", "{blank: [{by: figure, on: {x: y}}]}", "{hidden: [x]}"):
        (tmp_path / "tables.yml").write_text(f"marts.x: {wrong}", encoding="utf-8")
        with pytest.raises((ValueError, TypeError)):
            listed(tmp_path / "tables.yml")


def test_tables_that_tell_of_persons_are_not_open() -> None:
    """Named by hand: who opens one of these has to come by here."""
    closed = {name for name, entry in listed().items() if not entry.is_open}
    assert closed >= {
        f"marts.{name}"
        for name in (
            "indicator_value", "indicator_value_today", "document_indicator", "crosswalk", "unit_shortfall",
            "beneficiary", "population", "facility", "childcare_facility", "price_cap", "subsidy_entitlement",
            "subsidy_payment", "subsidy_audit", "subsidy_evidence", "<document>_<table>",
        )
    }  # fmt: skip
    assert set(protection.listed()["marts.facility"].blank[0].columns) == {
        "residents", "disabled_residents", "local_residents"
    }  # fmt: skip


def test_types() -> None:
    assert shape.postgres_type("DECIMAL(38,6)") == "numeric(38, 6)"
    assert shape.postgres_type("DOUBLE") == "double precision"
    with pytest.raises(shape.UnknownType, match="STRUCT"):
        shape.postgres_type("STRUCT(a INTEGER)")
