"""What the queries of tables/ take from a release where years meet, and documents of few rows."""

from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

from pipelines.publication.content import FOLDER, open_year

#: a promise of 2022, which stays judged by 2022, and one whose baseline is of 2022; both followed to 2025
JUDGED = """
create schema marts; create schema reference;
create table marts.document_indicator as
select
    'plan' as document_key, 'targets' as table_key, row_no, kind as row_kind, '床位' as label, '张' as unit,
    '' as baseline_printed, '' as target_printed, '' as attribute, '' as responsible, '' as clause, '' as target_id,
    'beds' as indicator_key, 'default' as variant, '511700' as region_code, baseline_year, baseline_value,
    target_year, '>=' as target_operator, 200.0 as target_value, '>=' as eval_operator, 'value' as compare_to,
    judged_period, actual_value, 0.0 as achieved_share, 0.0 as elapsed_share, 0.0 as progress_linear,
    0.0 as progress_projection, 0.0 as gap_to_path, 0.0 as still_needed, '张' as still_needed_unit, 0 as units_met,
    0 as units_known, 'MET' as status, obs_status, '' as status_reason, period
from (values
    (1, 'one_off_count', null, null, 2022, '2022', 1750.0, 'A', '2022'),
    (1, 'one_off_count', null, null, 2022, '2022', null, 'L', '2025'),
    (2, 'target', 2022, 100.0, 2025, '2020', 60.0, 'A', '2020'),
    (2, 'target', 2022, 100.0, 2025, '2021', 80.0, 'A', '2021'),
    (2, 'target', 2022, 100.0, 2025, '2022', 101.0, 'A', '2022'),
    (2, 'target', 2022, 100.0, 2025, '2024', 190.0, 'P', '2024'),
    (2, 'target', 2022, 100.0, 2025, '2025', 199.0, 'P', '2025')
) as rows_ (row_no, kind, baseline_year, baseline_value, target_year, judged_period, actual_value, obs_status, period);
create table reference.indicator as select 'beds' as indicator_key, 0 as decimals;
create table reference.document_note (document_key varchar, table_key varchar, row_no integer, note_zh varchar);
create table marts.crosswalk as
select
    'beds' as indicator_key, '床位' as indicator_name, 'same' as comparability, '' as comparability_note,
    'plan' as document_key, 'targets' as table_key, row_no, '' as clause, '床位' as label, '张' as unit,
    '511700' as region_code, 'default' as variant, '' as definition, '' as baseline_printed, '' as target_printed
from (values (1), (2)) as rows_ (row_no);
"""


@pytest.fixture(scope="module")
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute(JUDGED)
        yield connection


def told(release: duckdb.DuckDBPyConnection, name: str, year: str, *columns: str) -> list[tuple[Any, ...]]:
    sql = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    frame: pl.DataFrame = release.execute(sql, {"year": year} if "$year" in sql else None).pl()
    return frame.select(columns).rows()


@pytest.mark.parametrize("table", ["document_rows", "crosswalk"])
def test_the_status_of_a_figure_is_that_of_its_own_year(release: duckdb.DuckDBPyConnection, table: str) -> None:
    columns = ("row_no", "actual_period", "actual_value", "obs_status")
    assert told(release, table, "2025", *columns) == [(1, "2022", 1750.0, "A"), (2, "2025", 199.0, "P")]


def test_a_publication_holds_no_figure_of_a_later_year(release: duckdb.DuckDBPyConnection) -> None:
    columns = ("row_no", "actual_value", "baseline_actual", "baseline_period")
    assert told(release, "document_rows", "2021", *columns) == [(2, 80.0, None, None)]
    assert told(release, "document_rows", "2025", *columns)[1] == (2, 199.0, 101.0, "2022")


def test_a_path_leads_from_the_baseline_not_to_it(release: duckdb.DuckDBPyConnection) -> None:
    path = [row[1:] for row in told(release, "progress", "2025", "row_no", "period", "path_value") if row[0] == 2]
    assert path[:3] == [("2020", None), ("2021", None), ("2022", 100.0)]
    assert path[3] == ("2024", pytest.approx(500 / 3)) and path[4] == ("2025", 200.0)


def test_rows_without_headings_of_their_own_get_plain_ones(release: duckdb.DuckDBPyConnection) -> None:
    release.execute("""
        create table reference.document as
        select * from (values ('plan', '方案'), ('sixth', '第六份文件')) as documents (document_key, title_zh);
        create table reference.document_row as
        select * from (values ('plan', 'annex', 1), ('sixth', 'targets', 1), ('sixth', 'targets', 2))
            as printed (document_key, table_key, row_no);
        create table reference.document_table as
        select
            'plan' as document_key, 'annex' as table_key, '附件' as title_zh, '指标' as label_heading,
            null as unit_heading, '2020年' as baseline_heading, '2025年' as target_heading,
            null as attribute_heading, null as responsible_heading
    """)
    assert told(release, "document_tables", "2025", "document_key", "table_key", "title", "label_heading") == [
        ("plan", "annex", "附件", "指标"),
        ("sixth", "targets", "第六份文件", "事项"),
    ]


def test_a_town_with_a_document_of_its_own_is_published() -> None:
    with duckdb.connect() as connection:
        connection.execute("""
            create schema reference;
            create table reference.document as
            select * from (values ('of_town', '500113001'), ('of_city', '500000')) as _ (document_key, scope_region);
            create table reference.region_ancestor as
            select * from (values
                ('500113001', '500113001', '2025'), ('500113001', '500113', '2025'), ('500113001', '500000', '2025'),
                ('500113002', '500113002', '2025'), ('500113002', '500113', '2025'), ('500113002', '500000', '2025'),
                ('500113', '500113', '2025'), ('500113', '500000', '2025'), ('500000', '500000', '2025')
            ) as _ (region_code, ancestor_code, period);
            create table reference.region_year as
            select * from (values
                ('500113001', '甲街道', 'town', '500113', '2025'), ('500113002', '乙街道', 'town', '500113', '2025'),
                ('500113', '巴南区', 'county', '500000', '2025'), ('500000', '重庆市', 'province', null, '2025')
            ) as _ (region_code, region_name, level, parent_code, period)
        """)
        open_year(connection, "2025")
        published = connection.execute("select region_code from published_region order by all").fetchall()
    assert published == [("500000",), ("500113",), ("500113001",)]
