"""What a reader knows of how counts of persons hang together: one row a term of an equation or inequality."""

from __future__ import annotations

import polars as pl

KEY = ["family", "region_code", "period"]
TERM = ["relation", "kind", *KEY, "coefficient"]

#: Counts of which the definitions say that the first is part of the second (dbt_project/models/measures), beside the
#: numerators and denominators of shares. A household on the rolls has at least one of its elders there.
PART_OF = (
    ("tekun_disabled", "tekun_disabled_wide"),
    ("tekun_disabled_central", "tekun_disabled_wide_central"),
    ("tekun_willing", "safety_willing"),
    ("tekun_willing_central", "safety_willing_central"),
    ("poor_elder_households", "poor_elders_eligible"),
    ("poor_elder_households_dibao", "poor_elders_covered"),
    ("disabled_elders", "comm_elders"),
)
#: (part, served of it, whole, served of it): who is of the whole only is served at most once too
SERVED_OF = (
    ("tekun_disabled", "tekun_disabled_central", "tekun_disabled_wide", "tekun_disabled_wide_central"),
    ("tekun_willing", "tekun_willing_central", "safety_willing", "safety_willing_central"),
    ("poor_elder_households", "poor_elder_households_dibao", "poor_elders_eligible", "poor_elders_covered"),
)


def known(cells: pl.DataFrame, printed: pl.DataFrame, paid: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Every relation among the cells, in the columns TERM; Cells says what the kinds mean."""
    grouped = cells.with_columns(group="family")
    return pl.concat(
        [
            _sums(grouped, grouped, regions),
            _sums_apart(printed, regions),
            _added(cells),
            _parts(cells, printed),
            _served(cells),
            _months(paid),
        ]
    )


def _sums(wholes: pl.DataFrame, parts: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """Terms whole − children's = what it truly is, within a `group`; `relation` names the whole."""
    beneath = (
        parts.with_columns(year=pl.col("period").str.head(4))
        .join(regions.select("region_code", "parent_code", year="period").drop_nulls(), on=["region_code", "year"])
        .join(
            wholes.select("group", parent_code="region_code", period="period", whole="family"),
            on=["group", "parent_code", "period"],
        )
        .with_columns(relation=pl.format("sum {} {} {}", "whole", "parent_code", "period"))
    )
    parents = beneath.select("relation", family="whole", region_code="parent_code", period="period").unique()
    return pl.concat(
        [
            parents.with_columns(kind=pl.lit("sum"), coefficient=1.0).select(TERM),
            beneath.with_columns(kind=pl.lit("sum"), coefficient=-1.0).select(TERM),
        ]
    )


def _sums_apart(printed: pl.DataFrame, regions: pl.DataFrame) -> pl.DataFrame:
    """A count named with its figure is the sum of what that figure prints for the children."""
    grouped = printed.with_columns(group=pl.concat_str("indicator_key", "variant", "side", separator="/"))
    return _sums(grouped.filter(pl.col("family") != pl.col("measure_key")), grouped, regions)


def _added(cells: pl.DataFrame) -> pl.DataFrame:
    """A sum of two measures beside the two, where all three are printed."""
    named = pl.format("added {} {} {}", *KEY)
    sums = cells.filter(pl.col("family").str.contains("+", literal=True)).select(*KEY, relation=named)
    parts = (
        sums.with_columns(pl.col("family").str.split("+"))
        .explode("family")
        .join(cells.select(KEY), on=KEY)
        .filter(pl.len().over("relation") == 2)
    )
    return pl.concat(
        rows.with_columns(kind=pl.lit("sum"), coefficient=pl.lit(sign)).select(TERM)
        for rows, sign in ((sums.join(parts, on="relation", how="semi"), 1.0), (parts, -1.0))
    )


def _order(pairs: pl.DataFrame) -> pl.DataFrame:
    """larger − smaller ≥ 0, where it is true; pairs: small, large (families), region_code, period, both values."""
    held = pairs.filter(pl.col("large_value") >= pl.col("small_value")).with_columns(
        relation=pl.format("part {} {} {} {}", "small", "large", "region_code", "period")
    )
    return pl.concat(
        held.select(
            "relation",
            kind=pl.lit("order"),
            family=side,
            region_code="region_code",
            period="period",
            coefficient=pl.lit(sign),
        )
        for side, sign in (("large", 1.0), ("small", -1.0))
    )


def _parts(cells: pl.DataFrame, printed: pl.DataFrame) -> pl.DataFrame:
    """Numerators within denominators, and what the definitions say."""
    figure = ["indicator_key", "variant", "region_code", "period"]
    of_shares = (
        printed.filter((pl.col("side") == "numerator") & pl.col("is_share"))
        .join(printed.filter(pl.col("side") == "denominator"), on=figure, suffix="_of")
        .select(small="family", large="family_of", region_code="region_code", period="period")
    )
    by_definition = pl.DataFrame(PART_OF, schema=["small", "large"], orient="row").join(
        cells.select(small="family", region_code="region_code", period="period"), on="small"
    )
    pairs = pl.concat([of_shares, by_definition.select(of_shares.columns)]).unique()
    place = ["region_code", "period"]
    return _order(
        pairs.join(cells.select(*place, small="family", small_value="value"), on=["small", *place]).join(
            cells.select(*place, large="family", large_value="value"), on=["large", *place]
        )
    )


def _served(cells: pl.DataFrame) -> pl.DataFrame:
    """(whole − part) − (served of the whole − served of the part) ≥ 0, where all four are printed and it is true."""
    place = ["region_code", "period"]
    found = []
    for part, part_served, whole, whole_served in SERVED_OF:
        signs = pl.DataFrame(
            {"family": [whole, part, whole_served, part_served], "coefficient": [1.0, -1.0, -1.0, 1.0]}
        )
        terms = cells.join(signs, on="family").with_columns(
            left=(pl.col("value") * pl.col("coefficient")).sum().over(place), told=pl.len().over(place)
        )
        named = pl.format("served {} {} {}", pl.lit(whole), *place)
        found.append(
            terms.filter((pl.col("told") == 4) & (pl.col("left") >= 0))
            .with_columns(relation=named, kind=pl.lit("order"))
            .select(TERM)
        )
    return pl.concat(found)


def _months(paid: pl.DataFrame) -> pl.DataFrame:
    """Persons and payments of months and year: payments add up; a person of a month is one of the year's, and the
    year's are no more than the months' together; a month has about as many payments as persons.
    """
    months = paid.filter(pl.col("period") != pl.col("year"))
    years = paid.filter(pl.col("period") == pl.col("year"))
    both = months.join(years.select("family", "region_code", "year"), on=["family", "region_code", "year"])
    place = pl.format("{} {} {}", "family", "region_code", "year")
    month = pl.format("{} {} {}", "family", "region_code", "period")
    terms = [
        (both, pl.format("year {}", place), "sum", "payments_family", "period", -1.0),
        (both, pl.format("year {}", place), "sum", "payments_family", "year", 1.0),
        (both, pl.format("within {}", month), "order", "family", "year", 1.0),
        (both, pl.format("within {}", month), "order", "family", "period", -1.0),
        (both, pl.format("together {}", place), "order", "family", "period", 1.0),
        (both, pl.format("together {}", place), "order", "family", "year", -1.0),
        (months, pl.format("each {}", month), "sum", "payments_family", "period", 1.0),
        (months, pl.format("each {}", month), "sum", "family", "period", -1.0),
        (years, pl.format("each {}", month), "order", "payments_family", "period", 1.0),
        (years, pl.format("each {}", month), "order", "family", "period", -1.0),
    ]
    return pl.concat(
        rows.select(
            relation=name,
            kind=pl.lit(kind),
            family=family,
            region_code="region_code",
            period=period,
            coefficient=pl.lit(coefficient),
        ).unique()
        for rows, name, kind, family, period, coefficient in terms
    )
