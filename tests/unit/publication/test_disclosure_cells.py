"""Which counts are under disclosure control, and what a reader is taken to know of them."""

import duckdb
import polars as pl
import pytest

from pipelines.publication.disclosure import relations
from pipelines.publication.disclosure.audit import audit
from pipelines.publication.disclosure.cells import Cells, person_cells
from pipelines.publication.disclosure.plan import suppress
from pipelines.publication.disclosure.relations import KEY

RELEASE = """
create schema marts;
create schema reference;
create table published_region as
    select '2025' as period, region_code, region_code as region_name, region_level, parent_code, '51' as scope_region
    from (values ('51', 'prefecture', '5'), ('511', 'county', '51'), ('512', 'county', '51'), ('513', 'county', '51'))
        as regions(region_code, region_level, parent_code);
create table reference.measure as select * from (values
    ('poor', true), ('poor_served', true), ('babies', true), ('babies_known', true), ('homes_adapted', true),
    ('homes', true), ('pop', false), ('beds', false), ('places', false), ('n_counties', false)
) as measures(measure_key, counts_persons);
create table reference.indicator_definition as select * from (values
    ('served', 'default', 'ratio', 'poor_served', null, 'poor', 100.0, null, 100.0),
    ('babies', 'default', 'ratio', 'babies', null, 'babies_known', 100.0, null, 100.0),
    ('babies', 'pop', 'ratio', 'babies', null, 'pop', 100.0, null, 100.0),
    ('both', 'default', 'count', 'poor', 'babies', null, 1.0, null, null),
    ('beds', 'default', 'ratio', 'beds', null, 'places', 100.0, null, 100.0),
    ('adapted', 'default', 'threshold_share', 'homes_adapted', null, 'n_counties', 100.0,
        'CASE WHEN homes = 0 THEN 1 ELSE homes_adapted END', 100.0)
) as definitions(
    indicator_key, variant, kind, numerator_measure, numerator_addend, denominator_measure, multiplier,
    threshold_unit_value, valid_max
);
create table marts.indicator_value as
select indicator_key, variant, region_code, '2025' as period, numerator, denominator
from (values
    ('served', 'default', '51', 33.0, 90.0), ('served', 'default', '511', 3.0, 30.0),
    ('served', 'default', '512', 10.0, 20.0), ('served', 'default', '513', 20.0, 40.0),
    -- 513 said 不适用 about babies_known: left out of that share, not of the other
    ('babies', 'default', '51', 60.0, 80.0), ('babies', 'default', '511', 50.0, 60.0),
    ('babies', 'default', '512', 10.0, 20.0), ('babies', 'default', '513', null, null),
    ('babies', 'pop', '51', 62.0, 900.0), ('babies', 'pop', '511', 50.0, 300.0),
    ('babies', 'pop', '512', 10.0, 300.0), ('babies', 'pop', '513', 2.0, 3.0),
    ('both', 'default', '511', 80.0, null),
    ('beds', 'default', '511', 3.0, 4.0), ('adapted', 'default', '51', 2.0, 3.0)
) as figures(indicator_key, variant, region_code, numerator, denominator);
create table marts.beneficiary as select * from (values
    ('P1', '511', '2025-01', 7, 8), ('P1', '511', '2025-02', 3, 3), ('P1', '511', '2025', 9, 11)
) as paid(programme_code, region_code, period, persons, payments);
create table reference.subsidy_programme as select * from (values
    ('P1', '项目', '文件', 'person', '51', '人月', 50.0), ('P2', '项目', '文件', 'facility', '51', '张', 1000.0)
) as programmes(programme_code, name_zh, document_key, payee, scope_region, base_unit, unit_amount);
create table marts.subsidy_audit as select * from (values
    ('P1', 'a', '511', '2025-01', 100.0, 900.0, 'consistent'), ('P1', 'a', '511', '2025-02', 100.0, 100.0, 'x'),
    ('P2', 'a', '511', '2025-01', 3000.0, 2000.0, 'consistent')
) as audited(programme_code, facility_id, region_code, period, due_amount_yuan, paid_amount_yuan, finding);
create table marts.subsidy_entitlement as
    select programme_code, facility_id, region_code, period, period as due_month from marts.subsidy_audit;
"""


@pytest.fixture(scope="module")
def cells() -> Cells:
    with duckdb.connect() as connection:
        connection.execute(RELEASE)
        return person_cells(connection, 2025)


def values(cells: Cells) -> dict[tuple[str, str, str], float]:
    return {tuple(row[:3]): row[3] for row in cells.cells.select(*KEY, "value").iter_rows()}


def known(cells: Cells, kind: str) -> set[tuple]:
    """Each relation as its terms: (family, region, period, sign)."""
    terms = cells.relations.filter(pl.col("kind") == kind)
    return {tuple(sorted(rows.select(*KEY, "coefficient").iter_rows())) for _, rows in terms.group_by("relation")}


def test_persons_are_counted_and_facilities_are_not(cells: Cells) -> None:
    families = {family for family, _, _ in values(cells)}
    assert families == {
        "poor", "poor_served", "babies", "babies@babies/default", "babies_known", "poor+babies",
        "beneficiary:P1", "payments:P1", "due:P1", "paid:P1",
    }  # fmt: skip
    hidden = suppress(cells, []).hidden
    assert hidden.filter(pl.col("family").str.contains("beds|places|pop|n_counties|P2")).is_empty()


def test_an_amount_at_a_rate_a_person_is_a_count_of_persons(cells: Cells) -> None:
    # 200 yuan due and 1,000 yuan paid at 50 yuan a person and month
    assert values(cells)["due:P1", "511", "2025"] == 4
    assert values(cells)["paid:P1", "511", "2025"] == 20
    assert ("due:P1", "511", "2025", True) in suppress(cells, []).hidden.rows()


def test_a_parent_is_known_to_be_the_sum_of_its_children(cells: Cells) -> None:
    assert (
        ("poor_served", "51", "2025", 1.0),
        ("poor_served", "511", "2025", -1.0),
        ("poor_served", "512", "2025", -1.0),
        ("poor_served", "513", "2025", -1.0),
    ) in known(cells, "sum")


def test_a_sum_of_two_measures_is_known_to_be_their_sum(cells: Cells) -> None:
    assert (
        ("babies", "511", "2025", -1.0),
        ("poor", "511", "2025", -1.0),
        ("poor+babies", "511", "2025", 1.0),
    ) in known(cells, "sum")


def test_a_numerator_is_known_to_lie_within_its_denominator(cells: Cells) -> None:
    assert (("poor", "511", "2025", 1.0), ("poor_served", "511", "2025", -1.0)) in known(cells, "order")


def test_a_figure_that_leaves_a_unit_out_counts_apart(cells: Cells) -> None:
    assert values(cells)["babies", "51", "2025"] == 62
    assert values(cells)["babies@babies/default", "51", "2025"] == 60
    assert (
        ("babies", "511", "2025", -1.0),
        ("babies", "512", "2025", -1.0),
        ("babies@babies/default", "51", "2025", 1.0),
    ) in known(cells, "sum")
    # so the two totals may not both be printed: 62 − 60 are the two of 513
    plan = suppress(cells, [])
    audit(cells, plan, []).raise_if_recoverable()
    assert ("babies", "513", "2025", True) in plan.hidden.rows()


def test_months_and_year_of_persons_paid_hang_together(cells: Cells) -> None:
    assert (
        ("payments:P1", "511", "2025", 1.0),
        ("payments:P1", "511", "2025-01", -1.0),
        ("payments:P1", "511", "2025-02", -1.0),
    ) in known(cells, "sum")
    assert (("beneficiary:P1", "511", "2025", 1.0), ("beneficiary:P1", "511", "2025-02", -1.0)) in known(cells, "order")
    assert (
        ("beneficiary:P1", "511", "2025", -1.0),
        ("beneficiary:P1", "511", "2025-01", 1.0),
        ("beneficiary:P1", "511", "2025-02", 1.0),
    ) in known(cells, "order")


def test_a_share_of_counties_is_made_of_counts_it_does_not_print(cells: Cells) -> None:
    assert cells.derived.rows() == [("adapted", "default", "homes"), ("adapted", "default", "homes_adapted")]


def test_who_is_of_the_whole_only_is_served_at_most_once() -> None:
    """57 of 110 persons are of the part; 56 of the whole and 4 of the part are served: 52 of the other 53."""
    counts = {
        "tekun_disabled": 57,
        "tekun_disabled_central": 4,
        "tekun_disabled_wide": 110,
        "tekun_disabled_wide_central": 56,
    }
    text = dict.fromkeys(("family", "region_code", "period"), pl.String)
    rows = [(family, "511", "2025", float(value), 1.0) for family, value in counts.items()]
    cells = pl.DataFrame(rows, schema={**text, "value": pl.Float64, "weight": pl.Float64}, orient="row")
    nothing = {
        "printed": pl.DataFrame(
            schema={**text, "indicator_key": pl.String, "variant": pl.String, "side": pl.String, "is_share": pl.Boolean,
                    "measure_key": pl.String, "value": pl.Float64}
        ),
        "paid": pl.DataFrame(schema={**text, "payments_family": pl.String, "year": pl.String}),
        "regions": pl.DataFrame(schema={"region_code": pl.String, "parent_code": pl.String, "period": pl.String}),
    }  # fmt: skip
    told = relations.known(cells, **nothing).filter(pl.col("relation").str.starts_with("served"))
    assert dict(told.select("family", "coefficient").iter_rows()) == {
        "tekun_disabled_wide": 1.0, "tekun_disabled": -1.0,
        "tekun_disabled_wide_central": -1.0, "tekun_disabled_central": 1.0,
    }  # fmt: skip
    assert set(told["kind"]) == {"order"}
