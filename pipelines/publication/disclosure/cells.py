"""The counts of persons behind the published tables, and what a reader knows of how they hang together."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.publication.disclosure.relations import KEY, TERM, known

SUBSIDIES = Path(__file__).parents[1] / "tables" / "subsidies.sql"

#: What hiding costs: the documents' own regions before all, then the higher levels.
LEVEL_WEIGHT = {"province": 200.0, "prefecture": 40.0, "county": 8.0, "town": 4.0}
GOVERNED_WEIGHT = 500.0

#: kinds of indicators that print their measures as they are
PRINTING_KINDS = ("ratio", "count", "amount", "life_table")

REGIONS = """
    select period, region_code, min(region_level) as region_level, min(parent_code) as parent_code,
        bool_or(scope_region = region_code) as is_governed
    from published_region group by period, region_code order by period, region_code
"""

# One row a printed count of persons: figure × side. A sum of two measures is a count of its own.
PRINTED = """
    with side as (

        select indicator_key, variant, kind, 'numerator' as side, numerator_measure as measure_key,
            numerator_addend as addend, coalesce(valid_max <= multiplier and kind = 'ratio', false) as is_share
        from reference.indicator_definition
        union all
        select indicator_key, variant, kind, 'denominator', denominator_measure, null, false
        from reference.indicator_definition

    )

    select side.indicator_key, side.variant, side.side, side.is_share,
        concat_ws('+', side.measure_key, side.addend) as measure_key, figures.region_code, figures.period,
        cast(if(side.side = 'numerator', figures.numerator, figures.denominator) as double) as value
    from side
    inner join marts.indicator_value as figures
        on side.indicator_key = figures.indicator_key and side.variant = figures.variant
    semi join published_region as regions
        on figures.region_code = regions.region_code and figures.period = regions.period
    where
        list_contains($kinds, side.kind)
        and if(side.side = 'numerator', figures.numerator, figures.denominator) is not null
        and (
            side.measure_key in (select measure_key from reference.measure where counts_persons)
            or side.addend in (select measure_key from reference.measure where counts_persons)
        )
    order by all
"""

# Figures made of counts of persons that they do not print, such as the share of counties that have somebody and the
# least count among them.
DERIVED = """
    select distinct definitions.indicator_key, definitions.variant, measures.measure_key as family
    from reference.indicator_definition as definitions
    inner join reference.measure as measures
        on measures.counts_persons and (
            measures.measure_key in (
                definitions.numerator_measure, definitions.numerator_addend, definitions.denominator_measure
            )
            or contains(definitions.threshold_unit_value, measures.measure_key)
        )
    where not list_contains($kinds, definitions.kind)
    order by all
"""

PAID_PERSONS = """
    select 'beneficiary:' || persons.programme_code as family, 'payments:' || persons.programme_code as payments_family,
        persons.region_code, persons.period, substr(persons.period, 1, 4) as year,
        cast(persons.persons as double) as persons, cast(persons.payments as double) as payments
    from marts.beneficiary as persons
    semi join published_region as regions
        on persons.region_code = regions.region_code and substr(persons.period, 1, 4) = regions.period
    order by all
"""

PAID_BY_PERSON = """
    select programme_code, cast(unit_amount as double) as unit_amount
    from reference.subsidy_programme where base_unit like '人%' and unit_amount > 0
"""


@dataclass(frozen=True)
class Cells:
    """Counts of persons that would be printed, and what is known of them.

    `cells`: one row a family (measure, or beneficiary, payments, due, paid of a programme), region and period: `value`
    (persons, households or person-months), `weight` (cost of hiding).
    `relations`: one row a term. kind 'sum': the terms add up to what they truly add up to, and a reader knows it, as a
    parent and its children (where persons are counted once, this gives the reader more than he has); kind 'order': the
    terms add up to no less than zero.
    `figures`: which count a published figure prints, by side. `derived`: figures made of counts they do not print.
    `regions`: period, region_code, parent_code of what is published.
    """

    cells: pl.DataFrame
    relations: pl.DataFrame
    figures: pl.DataFrame
    derived: pl.DataFrame
    regions: pl.DataFrame


def person_cells(connection: duckdb.DuckDBPyConnection, year: int | str) -> Cells:
    """The counts of persons of a release up to `year`; the connection holds the table published_region."""
    regions = connection.execute(REGIONS).pl()
    printed = _named(connection.execute(PRINTED, {"kinds": list(PRINTING_KINDS)}).pl())
    derived = connection.execute(DERIVED, {"kinds": list(PRINTING_KINDS)}).pl()
    paid = connection.execute(PAID_PERSONS).pl()
    counted = pl.concat(
        [
            printed.select(*KEY, "value"),
            paid.select(*KEY, value="persons"),
            paid.select(family="payments_family", region_code="region_code", period="period", value="payments"),
            _subsidised(connection, year),
        ]
    )
    figures = counted.group_by(KEY).agg(value=pl.col("value").first(), figures=pl.len())
    cells = _weighed(figures, regions).sort(KEY)
    return Cells(
        cells=cells,
        relations=known(cells, printed, paid, regions).unique(TERM).sort(TERM),
        figures=printed.select("indicator_key", "variant", "side", *KEY).sort(pl.all()),
        derived=derived,
        regions=regions,
    )


def _named(printed: pl.DataFrame) -> pl.DataFrame:
    """Each printed count with its family: the measure; where two figures print it differently (one leaves out units
    that said 不适用), the lower is a count of its own, named with its figure.
    """
    apart = pl.format("{}@{}/{}", "measure_key", "indicator_key", "variant")
    whole = pl.col("value").max().over("measure_key", "region_code", "period")
    return printed.with_columns(family=pl.when(pl.col("value") == whole).then("measure_key").otherwise(apart))


def _subsidised(connection: duckdb.DuckDBPyConnection, year: int | str) -> pl.DataFrame:
    """Amounts at a rate a person, divided by it: as telling as the count."""
    amounts = connection.execute(SUBSIDIES.read_text(encoding="utf-8"), {"year": str(year)}).pl()
    rates = connection.execute(PAID_BY_PERSON).pl()
    return pl.concat(
        amounts.join(rates, on="programme_code").select(
            family=pl.format(f"{told}:{{}}", "programme_code"),
            region_code="region_code",
            period="period",
            value=pl.col(f"{told}_amount_yuan").cast(pl.Float64) / pl.col("unit_amount"),
        )
        for told in ("due", "paid")
    ).drop_nulls("value")


def _weighed(cells: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Cost of hiding: level, the documents' own regions, figures that print the count, size."""
    places = regions.select(
        "region_code",
        year="period",
        place=pl.when("is_governed")
        .then(GOVERNED_WEIGHT)
        .otherwise(pl.col("region_level").replace_strict(LEVEL_WEIGHT, default=GOVERNED_WEIGHT)),
    )
    return (
        cells.with_columns(year=pl.col("period").str.head(4))
        .join(places, on=["region_code", "year"])
        .select(
            *KEY,
            "value",
            weight=(pl.col("place") * pl.col("figures") * (1 + (1 + pl.col("value").abs()).log10())).round(3),
        )
    )
