"""What the server hides, by the disclosure control of the publication: tables `hidden_…` beside a release."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from pipelines.publication.disclosure.audit import Recoverable, audit
from pipelines.publication.disclosure.cells import PRINTING_KINDS, Cells, person_cells
from pipelines.publication.disclosure.former import Former
from pipelines.publication.disclosure.holders import Holder
from pipelines.publication.disclosure.mask import above
from pipelines.publication.disclosure.plan import NotProtectable, Plan, suppress
from pipelines.publication.disclosure.relations import KEY

FOLDER = Path(__file__).parent
FIGURE = ["indicator_key", "variant", "region_code", "period"]

ANCESTORS = """
    select distinct reach.account_region, ancestry.ancestor_code as region_code, ancestry.period
    from reach
    inner join reference.region_today as codes
        on reach.region_code = codes.region_code and reach.account_region = codes.today_code
    inner join reference.region_ancestor as ancestry
        on reach.region_code = ancestry.region_code and ancestry.depth > 0
    order by all
"""

# Both sides of every figure that count persons. What is not known to be open is hidden: a figure of a region that the
# register of its year lacks, or of a kind that nobody has thought of.
HIDDEN = """
    create or replace temp table person_side as
    select definitions.indicator_key, definitions.variant, definitions.kind, sides.side
    from reference.indicator_definition as definitions
    cross join (values ('numerator'), ('denominator')) as sides(side)
    where exists (
        select 1 from reference.measure as measures
        where measures.counts_persons and (
            not list_contains($kinds, definitions.kind) and (
                measures.measure_key in (
                    definitions.numerator_measure, definitions.numerator_addend, definitions.denominator_measure
                )
                or contains(definitions.threshold_unit_value, measures.measure_key)
            )
            or list_contains($kinds, definitions.kind) and (
                sides.side = 'numerator'
                and measures.measure_key in (definitions.numerator_measure, definitions.numerator_addend)
                or sides.side = 'denominator' and measures.measure_key = definitions.denominator_measure
            )
        )
    );

    create or replace temp table hidden_side as
    select figures.indicator_key, figures.variant, figures.region_code, figures.period, sides.side
    from marts.indicator_value as figures
    inner join person_side as sides
        on figures.indicator_key = sides.indicator_key and figures.variant = sides.variant
    left join published_region as regions
        on figures.region_code = regions.region_code and figures.period = regions.period
    left join open_side as shown
        on
            figures.indicator_key = shown.indicator_key and figures.variant = shown.variant
            and figures.region_code = shown.region_code and figures.period = shown.period and sides.side = shown.side
    left join hidden_derived as derived
        on
            figures.indicator_key = derived.indicator_key and figures.variant = derived.variant
            and figures.region_code = derived.region_code and figures.period = derived.period
    where
        case
            when list_contains($kinds, sides.kind) then
                shown.side is null
                and if(sides.side = 'numerator', figures.numerator, figures.denominator) is not null
            else derived.region_code is not null or regions.region_code is null
        end
    group by all;

    create or replace temp table hidden_numerator as select * exclude (side) from hidden_side where side = 'numerator';
    create or replace temp table hidden_denominator as
    select * exclude (side) from hidden_side where side = 'denominator';
    create or replace temp table hidden_figure as select distinct * exclude (side) from hidden_side;
    create or replace temp table hidden_personal as select distinct indicator_key, variant from person_side;

    create or replace temp table hidden_payment as
    select programme_code, region_code, period from marts.beneficiary
    anti join open_payment using (programme_code, region_code, period);

    create or replace temp table hidden_document_row as
    select distinct rows.document_key, rows.table_key, rows.row_no
    from marts.document_indicator as rows
    semi join hidden_figure as hidden
        on
            rows.indicator_key = hidden.indicator_key and rows.variant = hidden.variant
            and rows.region_code = hidden.region_code;
"""


@dataclass(frozen=True)
class Hidden:
    """The plan of a release and the counts it is about. `all_because`: why no plan would do and every count of persons
    is hidden; empty where one did.
    """

    cells: Cells
    plan: Plan
    all_because: str = ""


def holders(release: duckdb.DuckDBPyConnection) -> list[Holder]:
    """Every account that could be: one a region of county level and above that stands today. Makes the table reach."""
    release.execute((FOLDER / "reach.sql").read_text(encoding="utf-8"))
    sees, own, over = defaultdict(set), defaultdict(set), defaultdict(set)
    for account_region, region_code, is_own in release.execute(
        "select reach.*, account_region = today_code from reach inner join reference.region_today using (region_code)"
    ).fetchall():
        sees[account_region].add(region_code)
        if is_own:
            own[account_region].add(region_code)
    for account_region, region_code, period in release.execute(ANCESTORS).fetchall():
        over[account_region].add((region_code, period))
    return [
        Holder(region, frozenset(own[region]), frozenset(sees[region]), frozenset(over[region]))
        for region in sorted(sees)
    ]


def hide(release: duckdb.DuckDBPyConnection, earlier: Sequence[Former]) -> Hidden:
    """Work out what is hidden, prove it for readers and for every account that could be, and make the tables hidden_…

    `earlier`: what editions and former loads have shown. Where they have shown too much for any plan, every count of
    persons is hidden: more could not be done, and what does not speak of persons is served on.
    """
    release.execute((FOLDER / "served_region.sql").read_text(encoding="utf-8"))
    [year] = release.execute("select max(period) from published_region").fetchone()
    cells = person_cells(release, year)
    counted = set(cells.cells["region_code"])
    accounts = [holder for holder in holders(release) if counted & holder.sees]
    try:
        hidden = Hidden(cells, suppress(cells, list(earlier), accounts))
        audit(cells, hidden.plan, list(earlier), accounts).raise_if_recoverable()
    except (NotProtectable, Recoverable) as lost:
        hidden = Hidden(cells, Plan(cells.cells.select(KEY).with_columns(primary=False)), str(lost))
    _tables(release, cells, hidden.plan)
    return hidden


def _tables(release: duckdb.DuckDBPyConnection, cells: Cells, plan: Plan) -> None:
    shown = cells.cells.select(KEY).join(plan.hidden, on=KEY, how="anti")
    paid = [
        shown.filter(pl.col("family").str.starts_with(f"{family}:")).select(
            "region_code", "period", programme_code=pl.col("family").str.strip_prefix(f"{family}:")
        )
        for family in ("beneficiary", "payments")
    ]
    derived = above(plan, cells).join(cells.derived, left_on="measure_key", right_on="family")
    for name, frame in {
        "open_side": cells.figures.join(shown, on=KEY, how="semi").select(*FIGURE, "side").unique(),
        "hidden_derived": derived.select(FIGURE).unique(),
        "open_payment": paid[0].join(paid[1], on=["programme_code", "region_code", "period"], how="semi"),
    }.items():
        release.register(f"{name}_frame", frame)
        release.execute(f"create or replace temp table {name} as from {name}_frame")
        release.unregister(f"{name}_frame")
    for statement in HIDDEN.split(";\n"):
        if statement.strip():
            release.execute(statement, {"kinds": list(PRINTING_KINDS)} if "$kinds" in statement else None)
