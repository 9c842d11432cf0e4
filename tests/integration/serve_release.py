"""A release typed by hand, small enough to be loaded in a second: two prefectures with their counties, 2025.

poor_served counts persons. Of 500200's three counties one has 4 (of 37) beside 9 and 11: whoever holds the account of
one of the other two could subtract, if only one of them were hidden with it.
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from pipelines.settings import PROJECT, Settings

#: region → name, level, parent
REGIONS = {
    "000000": ("全国", "nation", "000000"),
    "500000": ("重庆市", "province", "000000"),
    "500100": ("甲市", "prefecture", "500000"),
    "500101": ("甲一县", "county", "500100"),
    "500102": ("甲二县", "county", "500100"),
    "500103": ("甲三县", "county", "500100"),
    "500104": ("甲四县", "county", "500100"),
    "500200": ("乙市", "prefecture", "500000"),
    "500201": ("乙一县", "county", "500200"),
    "500202": ("乙二县", "county", "500200"),
    "500203": ("乙三县", "county", "500200"),
}
#: region → persons served, persons poor
SERVED = {
    "500000": (90, 660),
    "500100": (66, 510),
    "500101": (3, 37),
    "500102": (20, 150),
    "500103": (30, 200),
    "500104": (13, 123),
    "500200": (24, 150),
    "500201": (4, 37),
    "500202": (9, 53),
    "500203": (11, 60),
}
#: 3 and 4 of 37, in percent: stands nowhere else
HIDDEN_VALUES = ("8.108108", "10.810810")

SQL = """
create schema marts; create schema reference;
create table reference.region_year as
    select '2025' as period, * from regions;
create table reference.region_today as
    select region_code, region_code as today_code, region_name as today_name from regions;
create table reference.region_ancestor as
with recursive up as (
    select region_code, region_code as ancestor_code, 0 as depth from regions
    union all
    select up.region_code, regions.parent_code, up.depth + 1 from up
    inner join regions on up.ancestor_code = regions.region_code where regions.parent_code <> regions.region_code
)
select '2025' as period, up.region_code, up.ancestor_code, regions.level as ancestor_level, up.depth
from up inner join regions on up.ancestor_code = regions.region_code;
create table reference.document as select 'plan' as document_key, '500000' as scope_region;
create table reference.document_table as select 'plan' as document_key, 'targets' as table_key;
create table reference.measure as select * from (values
    ('poor_served', true), ('poor', true), ('beds', false)) as measures(measure_key, counts_persons);
create table reference.indicator_definition as select * from (values
    ('served', 'default', 'ratio', 'poor_served', cast(null as varchar), 'poor', 100.0, cast(null as varchar), 100.0),
    ('weakest', 'default', 'threshold_share', 'n', null, 'm', 100.0, 'poor_served / poor', 100.0),
    ('beds', 'default', 'count', 'beds', null, null, 1.0, null, null)
) as definitions(
    indicator_key, variant, kind, numerator_measure, numerator_addend, denominator_measure, multiplier,
    threshold_unit_value, valid_max
);
create table reference.subsidy_programme as select * from (values
    ('P1', '补助', 'plan', 'person', '500000', '人月', 50.0)
) as programmes(programme_code, name_zh, document_key, payee, scope_region, base_unit, unit_amount);
create table reference.norm as select $stamp as value;
create table marts.indicator_value as
select region_code, '2025' as period, 'served' as indicator_key, 'default' as variant, region_name,
    cast(served as double) as numerator, cast(poor as double) as denominator, 100.0 * served / poor as value,
    cast(null as double) as extreme, cast(null as double) as partial_value, 0 as missing_cells, 'A' as obs_status,
    if(served < 5, 'C', 'F') as conf_status, cast(null as varchar) as note
from served inner join regions using (region_code)
union all
select '500100', '2025', 'weakest', 'default', '甲市', 1, 4, 25.0, 300.0 / 37, null, 0, 'A', 'F', null
union all
select region_code, '2025', 'beds', 'default', region_name, 7, null, 7, null, null, 0, 'A', 'F', '照册' from regions;
create table marts.document_indicator as
select 'plan' as document_key, 'targets' as table_key, 1 as row_no, 'weakest' as indicator_key, 'default' as variant,
    '500100' as region_code, '2025' as period, 25.0 as actual_value, 'MET' as status, 300.0 / 37 as achieved_share,
    1.0 as elapsed_share, 300.0 / 37 as progress_linear, 1.0 as progress_cagr, 1.0 as progress_projection,
    1.0 as gap_to_path, 1.0 as still_needed, '' as status_reason, 'MET' as status_cagr, 'MET' as status_projection,
    true as methods_agree, 1 as units_met, 4 as units_known, 'A' as obs_status;
create table marts.plan_targets as
select 1 as row_no, '最弱' as label, 300.0 / 37 as baseline_actual, 25.0 as actual_value, 'MET' as status, '' as note,
    300.0 / 37 as still_needed;
create table marts.unit_shortfall as
select 'plan' as document_key, 'targets' as table_key, 1 as row_no, 'weakest' as indicator_key, 'default' as variant,
    '500101' as unit_code, '500101' as unit_region_code, 300.0 / 37 as unit_value;
create table marts.facility as select * from (values
    ('F1', '2025-12', '500101', 100, 3, 300.0 / 37), ('F2', '2025-12', '500201', 80, 60, 1.0)
) as facilities(facility_id, period, region_code, beds, residents, disabled_residents);
alter table marts.facility add column local_residents integer;
create table marts.beneficiary as select * from (values
    ('P1', '500101', '2025', 3, 3, 'C'), ('P1', '500102', '2025', 40, 41, 'F'),
    ('P1', '500199', '2025', 300.0 / 37, 9, 'F')
) as paid(programme_code, region_code, period, persons, payments, conf_status);
create table marts.subsidy_audit as select * from (values
    ('P1', '_Z', '500101', '2025', 150.0, 150.0 + 300.0 / 37, 'consistent')
) as audited(programme_code, facility_id, region_code, period, due_amount_yuan, paid_amount_yuan, finding);
create table marts.subsidy_entitlement as
    select programme_code, facility_id, region_code, period, period as due_month from marts.subsidy_audit;
create table marts.county_budget as select '500101' as region_code, '2025' as period, $stamp as budget_yuan;
comment on table marts.indicator_value is '指标值';
comment on column marts.indicator_value.value is '指标值，未取整';
"""


def release(var: Path, release_id: str, stamp: int = 1, more: str = "") -> Settings:
    """Put a release into service in `var`, as a nightly run does; `stamp` is told by two tables, `more` is SQL."""
    folder = var / "warehouse" / "releases" / release_id
    folder.mkdir(parents=True)
    # a file of the name of its schema could not be written to by these names
    built = folder / "built.duckdb"
    with duckdb.connect(str(built)) as connection:
        columns = "region_code text, region_name text, level text, parent_code text"
        connection.execute(f"create temp table regions ({columns})")
        connection.executemany("insert into regions values (?, ?, ?, ?)", [(code, *of) for code, of in REGIONS.items()])
        connection.execute("create temp table served (region_code text, served integer, poor integer)")
        connection.executemany("insert into served values (?, ?, ?)", [(code, *of) for code, of in SERVED.items()])
        for statement in f"{SQL}{more}".split(";\n"):
            if statement.strip():
                connection.execute(statement, {"stamp": stamp} if "$stamp" in statement else None)
    built.rename(folder / "marts.duckdb")
    facts = {"release_id": release_id, "released_at": "2026-01-02T18:00:00+00:00"}
    (folder / "release.json").write_text(json.dumps(facts), encoding="utf-8")
    current = var / "warehouse" / "current"
    fresh = current.with_name("fresh")
    fresh.symlink_to(Path("releases") / release_id)
    fresh.replace(current)
    link = var / "warehouse" / "marts.duckdb"
    if not link.is_symlink():
        link.symlink_to(Path("current") / "marts.duckdb")
    return Settings(var / "raw", var, PROJECT / "dbt_project", PROJECT / "expectations")
