"""The models: their unit tests, the law of sum over sum on the shipped marts, comments, and a complete registry."""

import csv
import re
from pathlib import Path

import pytest

from pipelines.contracts import CONTRACTS
from pipelines.settings import PROJECT
from tests.models_run import dbt, landed
from tests.shipped import Warehouse

pytestmark = pytest.mark.integration
DBT = PROJECT / "dbt_project"
SEEDS = DBT / "seeds"


def seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


# unit tests of the formulas


def test_formulas_on_figures_worked_out_by_hand(parsed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All dbt unit tests, on relations built from no delivery at all: they bring their own rows."""
    monkeypatch.setenv("CARESTAT_KEY_FILE", str(tmp_path / "key"))
    (tmp_path / "raw").mkdir()
    build = landed(tmp_path / "raw", tmp_path / "var")
    told = dbt(build, DBT, parsed, tmp_path / "target", "build")
    written = sum(text.count("\n    model: ") for text in map(read, DBT.glob("models/**/*.yml")))
    assert written >= 20
    assert f"{written} unit tests" in told
    assert "WARN=0 ERROR=0 SKIP=0" in told


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


# the law of sum over sum


def test_a_parents_figures_are_the_sums_of_its_counties(shipped: Warehouse) -> None:
    """Numerator and denominator of every ratio of additive measures: parent = Σ counties where all delivered.

    A zone within the figures of no county is counted too. Asked of the indicators that the region's own document
    prints: elsewhere a zone without a numerator has no cell.
    """
    additive = [row["measure_key"] for row in seed("measures") if row["additive_over_regions"] == "yes"]
    # persons listed twice count once; a government's own money is in nobody's beneath it
    not_summed = {"assistance_roster", "care_contacts", "fund_ledger"}
    whole = [row["measure_key"] for row in seed("measures") if row["source"] not in not_summed]
    checked = shipped.rows(
        f"""
        with figures as (

            select value.*, registry.numerator_measure, registry.denominator_measure
            from marts.indicator_value as value
            inner join reference.indicator as registry using (indicator_key)
            where value.variant = 'default' and registry.kind in ('ratio', 'count')
              and registry.numerator_measure in {tuple(sorted(set(additive) & set(whole)))}
              and registry.indicator_key in (
                  select indicator_key from reference.document_row where scope_region = '511700'
              )

        )

        select
            parent.indicator_key, parent.period,
            parent.numerator, sum(child.numerator), parent.denominator, sum(child.denominator)
        from figures as parent
        inner join reference.region_year as place
            on place.parent_code = parent.region_code and place.period = parent.period and place.level = 'county'
        inner join figures as child
            on child.region_code = place.region_code and child.period = parent.period
            and child.indicator_key = parent.indicator_key
        where parent.region_code = '511700' and parent.obs_status in ('A', 'E')
        group by all
        having count(child.numerator) >= 7
        order by all
        """
    )
    assert len({indicator for indicator, *_ in checked}) >= 20
    for indicator, period, numerator, of_counties, denominator, denominators in checked:
        assert numerator == of_counties, (indicator, period)
        assert denominator is None or denominator == denominators, (indicator, period)


def test_a_parents_rate_is_not_the_mean_of_its_childrens(shipped: Warehouse) -> None:
    [(value, quotient, mean)] = shipped.rows(
        """
        select max(value) filter (where region_code = '511700'),
            max(numerator / denominator * 100) filter (where region_code = '511700'),
            avg(value) filter (where region_level = 'county')
        from marts.indicator_value
        where indicator_key = 'nursing_bed_share' and variant = 'service_beds' and period = '2020'
            and region_code like '5117%'
        """
    )
    assert value == pytest.approx(quotient)
    assert abs(value - mean) > 0.01


# comments


def test_every_table_and_column_carries_a_comment(shipped: Warehouse) -> None:
    tables = shipped.rows(
        "select schema_name, table_name, coalesce(comment, '') from duckdb_tables() where database_name = 'carestat'"
    )
    columns = shipped.rows(
        "select schema_name, table_name, column_name, coalesce(comment, '') from duckdb_columns()"
        " where database_name = 'carestat' and not internal"
    )
    assert {schema for schema, *_ in tables} == {"reference", "marts", "ops"}
    assert [name for *name, comment in (*tables, *columns) if not comment.strip()] == []


# the registry


def branch_keys() -> list[str]:
    """Every measure that a model counts, as the SQL names it; the items of agency returns are named by their list, and
    a milestone's measure by the milestone: `milestone_done` stands for all of them.
    """
    keys = ["milestone_done"]
    for path in sorted((DBT / "models" / "measures").glob("*.sql")):
        keys += re.findall(r'"key": "(\w+)"', read(path))
        keys += re.findall(r"'(\w+)' as measure_key", read(path))
    keys += [f"ar_{row['item_code']}" for row in seed("agency_return_items")]
    return keys


def test_each_measure_is_counted_in_one_place() -> None:
    counted = branch_keys()
    assert len(counted) == len(set(counted))
    assert set(counted) == {row["measure_key"] for row in seed("measures")}


def test_indicators_name_measures_that_exist() -> None:
    known = {row["measure_key"] for row in seed("measures")}
    for row in [*seed("indicators"), *seed("indicator_variants")]:
        for column in ("numerator_measure", "denominator_measure"):
            named = row[column]
            formula = row.get("kind") == "threshold_share" and named == row.get("threshold_unit_value")
            assert not named or formula or named in known, (row["indicator_key"], named)
        for word in re.findall(r"\b[a-z_][a-z_0-9]+\b", row.get("threshold_unit_value") or ""):
            assert word in known | {"level", "county"}, (row["indicator_key"], word)


def test_variants_and_document_rows_name_indicators_that_exist() -> None:
    variants = {(row["indicator_key"], row["variant"]) for row in seed("indicator_variants")}
    defined = {(row["indicator_key"], "default") for row in seed("indicators")} | variants
    assert {key for key, _ in variants} <= {row["indicator_key"] for row in seed("indicators")}
    # a task need not speak of a figure
    assert {(row["indicator_key"], row["variant"]) for row in seed("document_rows") if row["indicator_key"]} <= defined
    assert all(row["indicator_key"] or row["row_kind"] == "task" for row in seed("document_rows"))
    documents = {row["document_key"] for row in seed("documents")}
    assert {row["document_key"] for row in seed("document_rows")} == documents


def test_every_contract_has_its_staging_model_and_source() -> None:
    sources = read(DBT / "models" / "staging" / "sources.yml")
    for source in CONTRACTS:
        assert (DBT / "models" / "staging" / f"stg_{source}.sql").exists()
        assert f"{{name: {source}, description:" in sources
        # an audited ledger is no measure: it stands beside what is due
        audited = f"ref('stg_{source}')" in "".join(map(read, DBT.glob("models/subsidies/*.sql")))
        assert audited or source in {row["source"] for row in seed("measures")}


def test_every_printed_table_has_its_model() -> None:
    """Headings and one line of SQL; what every row must satisfy is checked by the suite of document_indicator."""
    printed = {(row["document_key"], row["table_key"]) for row in seed("document_rows")}
    assert printed == {(row["document_key"], row["table_key"]) for row in seed("document_tables")}
    for document, table in printed:
        assert (DBT / "models" / "marts" / document / f"{document}_{table}.sql").exists()


def test_code_names_no_indicator_document_or_region() -> None:
    """What the registry knows stands in the registry: Python and shared SQL speak of none of it by name."""
    # a measure is named by its model, also where an indicator that is its mere count bears the same name
    named = {row["indicator_key"] for row in seed("indicators")} - {row["measure_key"] for row in seed("measures")}
    named |= {row["document_key"] for row in seed("documents")}
    governed = {row["scope_region"] for row in seed("documents")}
    words = re.compile(rf"\b({'|'.join(sorted(named))})\b|(?<!\d)({'|'.join(sorted(governed))})(?!\d)|巴南|达州")
    code = [path for path in PROJECT.glob("pipelines/**/*.py") if "samples" not in path.parts]
    code += [*DBT.glob("macros/*.sql"), *DBT.glob("models/*/*.sql")]
    assert len(code) > 60
    assert [(path.name, found.group()) for path in code for found in words.finditer(read(path))] == []
