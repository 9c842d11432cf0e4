"""Hiding: the plan applied to every published table, by one list that says what a hidden count shows through."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.contracts import SOURCES, contract_of
from pipelines.landing.masking import tells_of_persons
from pipelines.publication.disclosure.cells import Cells
from pipelines.publication.disclosure.plan import Plan
from pipelines.publication.disclosure.relations import KEY
from pipelines.publication.disclosure.rule import THRESHOLD

NOTE = "人数过少，不公布"
#: SDMX CL_OBS_STATUS and CL_CONF_STATUS; small counts and those that protect them are not told apart
MARKS = {"obs_status": "Q", "conf_status": "C", "note": NOTE}

#: what stands in a hidden cell that is no figure; a hidden figure leaves its cell empty
WITHHELD = {"status": "NOT_PUBLISHED"}

FIGURE = ["indicator_key", "variant", "region_code", "period"]
PROGRAMME = ["programme_code", "region_code", "period"]

#: tables that hold no figure which a count of persons could be read from
FREE = frozenset(
    (
        "documents",
        "document_tables",
        "document_tasks",
        "indicators",
        "measures",
        "regions",
        "consistency",
        "funds",
        "sources",
        "coverage",
        "checks",
    )
)

JUDGED = (
    "actual_value",
    "achieved_share",
    "progress_linear",
    "progress_projection",
    "gap_to_path",
    "still_needed",
    "units_met",
    "units_known",
    "status",
)


@dataclass(frozen=True)
class Veil:
    """In `table`, rows whose figure is hidden for the period in column `period` lose `columns` and get the marks that
    the table has.
    """

    table: str
    period: str
    columns: tuple[str, ...]
    marks: tuple[str, ...] = tuple(MARKS)


#: a figure, wherever it or what is made of it stands
FIGURES = (
    Veil("figures", "period", ("value", "extreme")),
    Veil("document_rows", "actual_period", JUDGED),
    Veil("document_rows", "baseline_period", ("baseline_actual",), marks=()),
    # a target's own year decides the statuses after it too
    Veil("document_rows", "target_year", ("status",), marks=("note",)),
    Veil("progress", "period", ("actual_value", "status")),
    Veil("progress", "target_year", ("status",), marks=()),
    Veil("crosswalk", "actual_period", ("actual_value", "status")),
)

#: family of a programme → table and columns
PROGRAMMES = {
    "beneficiary": ("beneficiaries", ("persons", "payments")),
    "payments": ("beneficiaries", ("persons", "payments")),
    "due": ("subsidies", ("due_amount_yuan",)),
    "paid": ("subsidies", ("paid_amount_yuan",)),
}

ROWS = ("rows_included", "rows_excluded", "quantity", "row_numbers", "excluded_reasons")
#: of a source of persons, a file's rows are the persons on a county's list
DELIVERED = ("rows_delivered", "rows_landed", "rows_refused", "rows_superseded", "rows_ignored")


def mask(tables: dict[str, pl.DataFrame], plan: Plan, cells: Cells) -> dict[str, pl.DataFrame]:
    """The tables with every hidden count, and whatever shows it, taken out; rows, order and columns stay.

    Raises ValueError for a table of which nobody has said what a hidden count would show through.
    """
    judged = FREE | {veil.table for veil in FIGURES} | {table for table, _ in PROGRAMMES.values()}
    unjudged = set(tables) - judged - {"evidence", "deliveries", "refusals"}
    if unjudged:
        raise ValueError(f"未定如何遮盖的表 · no rule of disclosure for: {', '.join(sorted(unjudged))}")
    masked = dict(tables)
    sides = cells.figures.join(plan.hidden, on=KEY)
    shown_through = pl.concat([sides.select(FIGURE), _derived(plan, cells)]).unique()
    for veil in FIGURES:
        if veil.table in masked:
            masked[veil.table] = _veiled(masked[veil.table], shown_through, veil)
    if "figures" in masked:
        masked["figures"] = _sides(masked["figures"], sides, _derived(plan, cells))
    for family, (table, columns) in PROGRAMMES.items():
        if table in masked:
            masked[table] = _blanked(masked[table], _of_programme(plan, family), PROGRAMME, columns)
    if "evidence" in masked:
        masked["evidence"] = _evidence(masked["evidence"], tables["measures"], plan, cells)
    if "deliveries" in masked:
        sources = pl.DataFrame({"source": personal()})
        masked["deliveries"] = _blanked(masked["deliveries"], sources, ["source"], DELIVERED)
    if "refusals" in masked:
        rows = masked["refusals"]
        few = rows.filter(pl.col("source").is_in(personal()) & pl.col("rows_refused").is_between(1, THRESHOLD - 1))
        masked["refusals"] = _blanked(rows, few, ["source", "reason"], ("rows_refused",))
    return masked


def above(plan: Plan, cells: Cells) -> pl.DataFrame:
    """measure_key, region_code, period: where a count of that measure is hidden, there or anywhere beneath."""
    parents = cells.regions.select("region_code", "parent_code", "period")
    # a count named with its figure, or a sum of two measures, shows the measures
    reached = plan.hidden.select(
        "region_code",
        "period",
        measure_key=pl.col("family").str.split("@").list.first().str.split("+"),
    ).explode("measure_key")
    found = [reached]
    while not reached.is_empty():
        reached = (
            reached.join(parents, on=["region_code", "period"])
            .drop_nulls("parent_code")
            .select("period", "measure_key", region_code="parent_code")
            .unique()
        )
        found.append(reached)
    return pl.concat(frame.select("measure_key", "region_code", "period") for frame in found).unique()


def _derived(plan: Plan, cells: Cells) -> pl.DataFrame:
    return above(plan, cells).join(cells.derived, left_on="measure_key", right_on="family").select(FIGURE).unique()


def _of_programme(plan: Plan, family: str) -> pl.DataFrame:
    of_family = pl.col("family").str.starts_with(f"{family}:")
    return plan.hidden.filter(of_family).select(
        "region_code", "period", programme_code=pl.col("family").str.strip_prefix(f"{family}:")
    )


def _veiled(frame: pl.DataFrame, hidden: pl.DataFrame, veil: Veil) -> pl.DataFrame:
    told = pl.col(veil.period).cast(pl.String)
    if "period" in frame.columns:
        told = pl.when(told <= pl.col("period")).then(told)
    on = [*FIGURE[:-1], "_period"]
    keyed = frame.with_columns(_period=told)
    return _blanked(keyed, hidden.rename({"period": "_period"}), on, veil.columns, veil.marks).drop("_period")


def _sides(frame: pl.DataFrame, sides: pl.DataFrame, derived: pl.DataFrame) -> pl.DataFrame:
    """Numerator and denominator: the hidden side; the other may be public."""
    for side in ("numerator", "denominator"):
        hidden = pl.concat([sides.filter(pl.col("side") == side).select(FIGURE), derived])
        frame = _blanked(frame, hidden, FIGURE, (side,))
    return frame


def _evidence(frame: pl.DataFrame, measures: pl.DataFrame, plan: Plan, cells: Cells) -> pl.DataFrame:
    """Files are of single counties: their rows show the counts beneath a region too, those that no figure prints
    included. Where rows are persons, few rows are few persons.
    """
    place = ["measure_key", "region_code", "period"]
    persons = measures.filter("counts_persons").select("measure_key", "source")
    rows = pl.any_horizontal(pl.col("rows_included", "rows_excluded").is_between(1, THRESHOLD - 1))
    few = (
        frame.join(persons, on="measure_key")
        .filter(pl.col("quantity").is_between(0, THRESHOLD, "none") | (pl.col("source").is_in(personal()) & rows))
        .select(place)
    )
    return _blanked(frame, pl.concat([above(plan, cells), few]), place, ROWS)


def personal() -> list[str]:
    """Sources of which a row is a person."""
    return [source for source in SOURCES if tells_of_persons(contract_of(source))]


def _blanked(
    frame: pl.DataFrame,
    hidden: pl.DataFrame,
    on: list[str],
    columns: tuple[str, ...],
    marks: tuple[str, ...] = tuple(MARKS),
) -> pl.DataFrame:
    """Rows whose key is among the hidden ones without `columns`. Raises where the table lacks one of them."""
    flag = pl.col("_hidden").is_not_null()
    return (
        frame.join(hidden.select(on).unique().with_columns(_hidden=True), on=on, how="left", maintain_order="left")
        .with_columns(
            *(pl.when(flag).then(pl.lit(WITHHELD.get(name))).otherwise(pl.col(name)).alias(name) for name in columns),
            *(
                pl.when(flag).then(pl.lit(MARKS[name])).otherwise(pl.col(name)).alias(name)
                for name in marks
                if name in frame.columns
            ),
        )
        .drop("_hidden")
    )
