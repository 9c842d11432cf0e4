"""Small countries with counts of persons, made by hand for the tests of disclosure control."""

import polars as pl

from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.relations import KEY, TERM

Counts = dict[tuple[str, str], float]

#: a province, two prefectures, counties beneath them
PARENTS = {"11": "1", "12": "1", "111": "11", "112": "11", "113": "11", "121": "12", "122": "12"}


def totals(counties: Counts) -> Counts:
    """The counties' counts, (family, region) → persons, and the sums above them."""
    counts = dict(counties)
    for (family, region), value in counties.items():
        place = region
        while place in PARENTS:
            place = PARENTS[place]
            counts[family, place] = counts.get((family, place), 0) + value
    return counts


def cells_of(counts: Counts, part_of: tuple[tuple[str, str], ...] = (), period: str = "2025") -> Cells:
    """The cells of one year, each parent the sum of its children, each family of `part_of` within the other."""
    # a county costs less than what is above it, a small county less than a large one
    rows = [
        (family, region, period, float(value), 10.0 ** (3 - len(region)) * (1 + value / 1000))
        for (family, region), value in counts.items()
    ]
    terms = []
    for family, region in counts:
        children = [child for (of, child) in counts if of == family and PARENTS.get(child) == region]
        if children:
            named = (f"sum {family} {region}", "sum")
            terms += [(*named, family, child, period, -1.0) for child in children]
            terms.append((*named, family, region, period, 1.0))
        for small, large in part_of:
            if family == small and (large, region) in counts:
                named = (f"part {small} {large} {region}", "order")
                terms += [(*named, large, region, period, 1.0), (*named, small, region, period, -1.0)]
    text = dict.fromkeys(KEY, pl.String)
    figures = [
        ("share", "default", side, family, region, period)
        for side, of in (("numerator", 0), ("denominator", 1))
        for family, region in counts
        if family in [pair[of] for pair in part_of]
    ]
    return Cells(
        cells=pl.DataFrame(rows, schema={**text, "value": pl.Float64, "weight": pl.Float64}, orient="row"),
        relations=pl.DataFrame(
            terms,
            schema={"relation": pl.String, "kind": pl.String, **text, "coefficient": pl.Float64},
            orient="row",
        ).select(TERM),
        figures=pl.DataFrame(
            figures, schema=dict.fromkeys(["indicator_key", "variant", "side", *KEY], pl.String), orient="row"
        ),
        derived=pl.DataFrame(schema={"indicator_key": pl.String, "variant": pl.String, "family": pl.String}),
        regions=pl.DataFrame(
            [("1", None, period), *((region, parent, period) for region, parent in PARENTS.items())],
            schema=["region_code", "parent_code", "period"],
            orient="row",
        ),
    )
