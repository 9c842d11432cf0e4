"""A tiny build database with the columns that the suites read, in which nothing is wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.checks import CheckOutcome, run_checks
from pipelines.checks.suite import SUITES_DIR

TABLES = """
create schema reference; create schema marts; create schema ops;

create table reference.indicator (
    indicator_key text, name_zh text, unit text, kind text, numerator_measure text, denominator_measure text,
    valid_min text, valid_max text, region_levels text, numerator_addend text
);
insert into reference.indicator values
    ('nursing_share', '护理型占比', '%', 'ratio', 'nursing_beds', 'beds', '0', '100',
     'province|prefecture|county', null),
    ('beds', '床位', '张', 'count', 'beds', null, '0', '100000', 'province|prefecture|county', null),
    ('aged', '老年人口', '人', 'count', 'people', null, '0', '1000000', 'province|prefecture|county', null),
    ('fund', '资金', '元', 'amount', 'money', null, '0', null, 'prefecture|county', null),
    ('top_up', '一次性补贴', '元', 'parameter', null, null, null, null, 'prefecture', null);

create table reference.indicator_variant (indicator_key text, variant text, valid_min text, valid_max text);

create table reference.measure as select * from (values
    ('nursing_beds', 'elderly_facilities', 'yes'),
    ('beds', 'elderly_facilities', 'yes'),
    ('money', 'fund_ledger', 'yes'),
    ('people', 'population', 'yes')
) as t (measure_key, source, additive_over_regions);

create table reference.region_year as select * from (values
    ('2020', '510000', '四川省', 'province', '000000', true, false),
    ('2020', '511700', '达州市', 'prefecture', '510000', true, false),
    ('2020', '511702', '通川区', 'county', '511700', true, false),
    ('2020', '511703', '达川区', 'county', '511700', true, false),
    ('2020', '511771', '经开区', 'county', '511700', false, false)
) as t (period, region_code, region_name, level, parent_code, gbt2260, reports_separately);

create table reference.region_ancestor as
    select '2020' as period, * from (values
        ('510000', '510000'), ('511700', '511700'), ('511700', '510000'), ('511702', '511702'), ('511702', '511700'),
        ('511703', '511703'), ('511703', '511700')
    ) as t (region_code, ancestor_code);

create table marts.indicator_value as
    select
        region_code, '2020' as period, indicator_key, 'default' as variant, region_name, level as region_level,
        name_zh as indicator_name, unit, numerator, denominator,
        case when denominator is null then numerator else numerator * 100.0 / denominator end as value,
        null::double as extreme, null::double as partial_value, 1 as coverage_n, 1 as coverage_m, 0 as missing_cells,
        'A' as obs_status, 'F' as conf_status, null::varchar as note
    from (values
        ('510000', 'nursing_share', 30.0, 100.0), ('511700', 'nursing_share', 30.0, 100.0),
        ('511702', 'nursing_share', 10.0, 40.0), ('511703', 'nursing_share', 20.0, 60.0),
        ('511702', 'beds', 40.0, null), ('511703', 'beds', 60.0, null), ('511700', 'beds', 100.0, null),
        ('511702', 'aged', 400.0, null), ('511703', 'aged', 600.0, null), ('511700', 'aged', 1000.0, null),
        ('510000', 'aged', 1000.0, null),
        -- the prefecture's own government spends 50 beside its counties
        ('511702', 'fund', 40.0, null), ('511703', 'fund', 60.0, null), ('511700', 'fund', 150.0, null)
    ) as cells (region_code, indicator_key, numerator, denominator)
    inner join reference.region_year using (region_code)
    inner join reference.indicator using (indicator_key);

create table marts.document_indicator as
    select
        document_key, table_key, row_no::integer as row_no, '指标' || row_no as label, '%' as unit,
        'nursing_share' as indicator_key, 'default' as variant, '511700' as region_code, 2020 as baseline_year,
        '=' as baseline_operator, 30.0 as baseline_value, '30%' as baseline_printed, '60%' as target_printed,
        '2020' as period, 30.0::double as actual_value, null::double as progress_linear, null::double as progress_cagr,
        null::double as progress_projection, 'LIMITED' as status, null::varchar as status_reason,
        '2020' as judged_period, null::integer as units_met, null::integer as units_known
    from (
        select 'banan_2021_74' as document_key, 'annex_1' as table_key, unnest(range(1, 24)) as row_no
        union all
        select 'dazhou_yilaoyixiao', 'table_1', unnest(range(1, 19))
    )
    order by document_key, row_no;

-- right though unusual: counted from half of the units, a rule's parameter, judged by an earlier year's flow
update marts.document_indicator set units_met = 1, units_known = 2, actual_value = 50, baseline_value = null
where table_key = 'table_1' and row_no = 5;
update marts.document_indicator
set indicator_key = 'top_up', status = 'NOT_ASSESSABLE', status_reason = '规则参数', actual_value = null
where table_key = 'table_1' and row_no = 6;
update marts.document_indicator
set status = 'ACHIEVED', status_reason = '按目标年的数评价', judged_period = '2019', actual_value = null
where table_key = 'table_1' and row_no = 7;

create table reference.document_row as
    select
        document_key, table_key, row_no, 'indicator' as row_kind, label as label_zh, baseline_printed, target_printed,
        case when table_key = 'table_1' and row_no = 5 then '511771' end as unit_exclude
    from marts.document_indicator
    union all
    select key_, 'targets', unnest(range(1, 6)), 'target', '目标', null, '60%', null
    from (values
        ('banan_2021_74'), ('dazhou_yilaoyixiao'), ('guizhou_2022_6'), ('guizhou_2023_21'), ('henan_2023')
    ) as documents (key_);

create table marts.banan_2021_74_annex_1 as
    select row_no, label, unit, baseline_printed, target_printed, actual_value, status
    from marts.document_indicator where document_key = 'banan_2021_74' order by row_no;
create table marts.dazhou_yilaoyixiao_table_1 as
    select
        row_no, label, unit, baseline_printed, target_printed,
        case when row_no = 7 then 30.0 else actual_value end as actual_value, status
    from marts.document_indicator where document_key = 'dazhou_yilaoyixiao' order by row_no;

create table reference.document_task as
    select
        'banan_2021_74' as document_key, unnest(range(1, 36))::varchar as task_no, '任务。' as task_printed,
        '区民政局牵头，区教委参与。' as responsible_printed;
create table reference.document_task_department as
    select document_key, task_no, department_no, department, role
    from reference.document_task
    cross join (values (1, '区民政局', 'lead'), (2, '区教委', 'participating')) as t (department_no, department, role);
create table marts.task_progress as
    select
        *, period, '500113' as region_code, '任务' as title, 'done' as status, date '2022-06-30' as done_on
    from reference.document_task_department
    cross join (values ('2020'), ('2021')) as years (period);
create table marts.banan_2021_74_annex_2 as
    select
        task_no::integer as row_no, task_printed as label, responsible_printed as responsible,
        '区民政局' as lead_departments, '区教委' as participating_departments, null::varchar as shared_departments,
        'done' as status
    from reference.document_task order by row_no;

create table marts.crosswalk as
    select
        'nursing_share' as indicator_key, '护理型占比' as indicator_name, 2 as n_documents, 'same' as comparability,
        document_key, table_key, row_no, 'default' as variant, '护理型床位 / 床位' as definition
    from marts.document_indicator where row_no = 3;

create table reference.consistency_rule as select * from (values
    ('sum', 'parts_sum', 'banan_2021_74', 0.0), ('rounded', 'own_figures', 'banan_2021_74', 0.5),
    ('unprinted', 'own_figures', 'banan_2021_74', 0.0)
) as t (rule_key, check_kind, document_key, tolerance);
create table marts.target_consistency as
    select
        *, 'annex_1' as table_key, 3 as row_no, null::varchar as other_document_key, null::varchar as other_table_key,
        null::integer as other_row_no, left_value - right_value as difference, '说明' as reason
    from (values
        ('parts_sum', 'sum', 'banan_2021_74', 9.0, 8.0, '=', 'INCONSISTENT'),
        ('own_figures', 'rounded', 'banan_2021_74', 72.2, 72.0, '=', 'CONSISTENT'),
        ('own_figures', 'unprinted', 'banan_2021_74', 1.0, null, '=', 'NOT_CHECKABLE'),
        ('weaker_than_superior', 'nursing_share/2025', 'banan_2021_74', 60.0, 50.0, '>=', 'CONSISTENT')
    ) as t (check_kind, check_key, document_key, left_value, right_value, relation, finding);

create table marts.unit_shortfall as
    select
        '511700' as region_code, 'nursing_share' as indicator_key, 'default' as variant, '2020' as period,
        'dazhou_yilaoyixiao' as document_key, 'table_1' as table_key, 5 as row_no, *, '>=' as limit_operator,
        1.0 as limit_value, unit_value is not null as is_known
    from (values ('511702', '通川区', 0.0), ('511703', '达川区', null)) as t (unit_code, unit_name, unit_value);

create table marts.population as
    select
        region_code, region_name, level as region_level, period, 'resident' as basis, 'census' as ref_point, sex,
        age_band, age_from, age_to, (people * share)::bigint as population, false as is_estimated, true as is_reference
    from (
        select region_code, region_name, level, year_ as period, sex, people
        from (values ('510000', 4000), ('511700', 4000), ('511702', 1600), ('511703', 2400)) as t (region_code, people)
        inner join reference.region_year using (region_code)
        cross join (values ('2020'), ('2021')) as years (year_)
        cross join (values ('male'), ('female')) as sexes (sex)
    )
    cross join (
        values ('0-59岁', 0, 59, 0.8), ('60岁以上', 60, null, 0.2)
    ) as bands (age_band, age_from, age_to, share);

create table ops.delivery as
    select
        source, period, supplier, 1 as revision, path, repeat('a', 64) as sha256, 'landed' as state,
        null::varchar as reason
    from (values
        ('population', '2020', '511700', 'population/2020/511700.csv'),
        ('care_contacts', '2020-12', '511700', 'care_contacts/2020-12/511700.csv'),
        ('elderly_facilities', '2020-12', '511700', 'elderly_facilities/2020-12/511700.csv'),
        ('childcare_facilities', '2020-12', '511700', 'childcare_facilities/2020-12/511700.csv')
    ) as t (source, period, supplier, path);
create table ops.reconciliation as
    select path, 10 as delivered, 9 as landed, 0 as quarantined, 0 as superseded, 1 as ignored from ops.delivery;

create table marts.facility as
    select
        '甲' || n as facility_id, '2020-12' as period, '511702' as region_code, '通川区' as region_name, 40 as beds,
        10 as nursing_beds, 'operating' as status, true as in_service, true as is_institution
    from range(9) as homes (n);
create table marts.childcare_facility as
    select
        '乙' || n as facility_id, '2020-12' as period, '511702' as region_code, '通川区' as region_name, 60 as places,
        20 as central_project_places, 'operating' as status, true as in_service
    from range(9) as nurseries (n);
"""


TARGETS = """
create table marts.{0}_targets as
    select
        row_no, label_zh as label, baseline_printed, target_printed, 30.0::double as actual_value,
        'MET' as status, null::varchar as note
    from reference.document_row where document_key = '{0}' and table_key = 'targets' order by row_no;
"""
DOCUMENTS = ("banan_2021_74", "dazhou_yilaoyixiao", "guizhou_2022_6", "guizhou_2023_21", "henan_2023")


@pytest.fixture(scope="session")
def good_build(tmp_path_factory: pytest.TempPathFactory) -> Path:
    database = tmp_path_factory.mktemp("good") / "build.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(TABLES)
        for document in DOCUMENTS:
            connection.execute(TARGETS.format(document))
    return database


@pytest.fixture
def check(good_build: Path, tmp_path: Path) -> Callable[..., CheckOutcome]:
    """Runs one suite (with `only`, the batch of that expectation) on a copy of the good build with a planted fault."""

    def run(
        suite: str, fault: str = "", waivers: Path | None = None, compare: bool = False, only: str | None = None
    ) -> CheckOutcome:
        database = tmp_path / "build.duckdb"
        shutil.copy(good_build, database)
        with duckdb.connect(str(database)) as connection:
            connection.execute(fault)
        document = yaml.safe_load((SUITES_DIR / f"{suite}.yml").read_text(encoding="utf-8"))
        if only:
            document["batches"] = [b for b in document["batches"] if only in {e["name"] for e in b["expectations"]}]
        suites = tmp_path / "expectations"
        suites.mkdir(exist_ok=True)
        (suites / f"{suite}.yml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return run_checks(database, good_build if compare else None, suites, waivers)

    return run
