"""Which indicator values a release changes, and which delivery did it (ops.revision).

A delivery is known by its source, supplier and period; an indicator by the sources its measures are counted from. A
file that is new, replaced, changed in place or withdrawn since the release in service may have changed a value when its
source feeds the indicator, its supplier is the region, lies above it or beneath it, and its year reaches the value's.
Sources that only decide what rows count for (regions, registers referred to) are named where nothing nearer explains
the change, then wider regions whose sum enters a comparison. Corrections do what the delivery they mend would do.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from pipelines.database import opened

#: rows of one source that another one decides or completes, by reference or join
READS = (
    ("assistance_roster", "elderly_facilities"),
    ("childcare_facilities", "communities"),
    ("subsidy_ledger", "elderly_facilities"),
    ("subsidy_ledger", "childcare_facilities"),
)
PAIRS = ", ".join(f"('{source}', '{other}')" for source, other in READS)

#: Of each supplier the highest revision speaks for a source × period, readable or not; misnamed files never do.
SPEAKING = """
    select path, source, period, supplier, sha256, reason
    from {side}.ops.delivery
    where reason is distinct from 'bad_filename'
    qualify row_number() over (
        partition by source, period, supplier
        order by revision desc, lower(regexp_extract(path, '[^.]*$')) desc, path desc
    ) = 1
"""

REVISIONS = f"""
with recursive changed as (

    select
        indicator_key, variant, region_code, period, left(period, 4) as year_,
        served_value.value as old, fresh_value.value as new
    from served.marts.indicator_value as served_value
    full outer join fresh.marts.indicator_value as fresh_value
        using (indicator_key, variant, region_code, period)
    where served_value.value is distinct from fresh_value.value

),

now_ as ({SPEAKING.format(side="fresh")}),

before as ({SPEAKING.format(side="served")}),

mended as (

    -- cells corrected in one release and not, or otherwise, in the other
    (select path, row_number, "column", old, new from fresh.ops.correction
    except select path, row_number, "column", old, new from served.ops.correction)
    union
    (select path, row_number, "column", old, new from served.ops.correction
    except select path, row_number, "column", old, new from fresh.ops.correction)

),

deed as (

    -- speaks now and did not; a file that cannot be read only silences what its supplier said before
    select path as name, source, period, supplier from now_
    where
        not exists (select 1 from before where before.path = now_.path and before.sha256 = now_.sha256)
        and (
            reason is null
            or exists (
                select 1 from before
                where (before.source, before.period, before.supplier) = (now_.source, now_.period, now_.supplier)
            )
        )
    union
    -- withdrawn: what stood before it, if anything, stands again
    select path, source, period, supplier from before
    where not exists (select 1 from fresh.ops.delivery as delivery where delivery.path = before.path)
    union
    select 'expectations/' || now_.source || '.corrections.yml', now_.source, now_.period, now_.supplier
    from mended
    inner join now_ using (path)
    inner join before using (path, sha256)

),

lineage as (

    -- the supplier's code, and those that succeeded it along a single chain
    select distinct supplier, supplier as code, 0 as step from deed
    union
    select lineage.supplier, region.successor_code, lineage.step + 1
    from lineage
    inner join fresh.reference.region as region on lineage.code = region.region_code
    where region.successor_code not like '%;%' and region.successor_code <> '' and lineage.step < 3

),

home as (

    select lineage.supplier, register.period as year_, register.region_code
    from lineage
    inner join fresh.reference.region_ancestor as register on lineage.code = register.region_code
    where register.depth = 0 and register.period in (select year_ from changed)
    qualify row_number() over (partition by lineage.supplier, register.period order by lineage.step) = 1

),

kin as (

    select home.supplier, home.year_, line.region_code, line.depth as distance
    from home
    inner join fresh.reference.region_ancestor as line
        on home.region_code = line.ancestor_code and home.year_ = line.period
    union
    select home.supplier, home.year_, line.ancestor_code, line.depth
    from home
    inner join fresh.reference.region_ancestor as line
        on home.region_code = line.region_code and home.year_ = line.period

),

word as (

    select distinct
        definition.indicator_key, definition.variant, definition.kind, definition.compared_with,
        unnest(regexp_extract_all(
            concat_ws(
                ' ', numerator_measure, numerator_addend, denominator_measure, bulletin_measure, threshold_unit_value
            ),
            '[a-z_][a-z_0-9]*'
        )) as measure_key
    from fresh.reference.indicator_definition as definition

),

told_by as (

    select word.*, coalesce(measure.source, 'task_ledger') as source
    from word
    left join fresh.reference.measure as measure using (measure_key)
    -- a milestone is its own measure
    where measure.source is not null or word.measure_key = word.indicator_key

),

feeds as (

    -- remoteness 0: the indicator's measures are counted from it; 1: it decides what those rows count for
    select
        indicator_key, variant, source, 0 as remoteness,
        -- years from the delivery's to the value's
        unnest(case
            when kind = 'life_table' and source = 'population' then [0, 1]
            when compared_with = 'ten_years_before' then [0, 10]
            else [0]
        end) as lag
    from told_by
    union
    select indicator_key, variant, 'regions', 1, 0 from told_by
    union
    select told_by.indicator_key, told_by.variant, reads.other, 1, 0
    from told_by
    inner join (values {PAIRS}) as reads (source, other) using (source)

),

around as (

    -- figures that a wider region's sum enters: gaps to it, and prices of the prefecture where a county has none
    select distinct
        told_by.indicator_key, told_by.variant, told_by.source,
        coalesce(told_by.compared_with, 'prefecture') as level
    from told_by
    left join fresh.reference.measure as measure using (measure_key)
    inner join fresh.reference.indicator_definition as definition using (indicator_key, variant)
    where
        told_by.compared_with in ('province', 'nation')
        or (definition.threshold_unit = 'facility' and measure.grain is distinct from 'facility')

),

reached as (

    select
        changed.indicator_key, changed.variant, changed.region_code, changed.period, deed.name,
        feeds.remoteness, kin.distance
    from changed
    inner join feeds using (indicator_key, variant)
    inner join kin on changed.region_code = kin.region_code and changed.year_ = kin.year_
    inner join deed
        on
            kin.supplier = deed.supplier
            and feeds.source = deed.source
            and case
                when deed.source = 'regions' then true
                when deed.source = 'task_ledger' then left(deed.period, 4) <= changed.year_
                else cast(left(deed.period, 4) as integer) + feeds.lag = cast(changed.year_ as integer)
            end
    union all
    select
        changed.indicator_key, changed.variant, changed.region_code, changed.period, deed.name,
        2 as remoteness, 0 as distance
    from changed
    inner join around using (indicator_key, variant)
    inner join fresh.reference.region_ancestor as own_
        on
            changed.region_code = own_.region_code
            and changed.year_ = own_.period
            and around.level = own_.ancestor_level
    inner join fresh.reference.region_ancestor as others
        on own_.ancestor_code = others.ancestor_code and own_.period = others.period
    inner join home on others.region_code = home.region_code and others.period = home.year_
    inner join deed
        on home.supplier = deed.supplier and around.source = deed.source and left(deed.period, 4) = changed.year_

),

doer as (

    -- what is remote is named only where nothing nearer explains the change
    select indicator_key, variant, region_code, period, name, min(distance) as distance
    from (
        select * from reached
        qualify remoteness = min(remoteness) over (partition by indicator_key, variant, region_code, period)
    ) as nearest
    group by indicator_key, variant, region_code, period, name

),

named as (

    select
        indicator_key, variant, region_code, period,
        string_agg(name, '；' order by distance, name) as delivery
    from doer
    group by indicator_key, variant, region_code, period

)

select
    changed.indicator_key, changed.variant, changed.region_code, changed.period, changed.old, changed.new,
    named.delivery, cast(? as varchar) as releases
from changed
left join named using (indicator_key, variant, region_code, period)
order by all
"""


def revisions(fresh: Path, served: Path, releases: str) -> pl.DataFrame:
    """Indicator values of `fresh` that differ from those in service, one row each as in ops.revision.

    `delivery` names whatever may have changed the value, the supplier nearest to the region first, joined by '；';
    null when no delivery or correction explains it. `releases` is told of every row.
    """
    connection = opened(fresh.with_name("spill"), fresh=fresh, served=served)
    try:
        return connection.execute(REVISIONS, [releases]).pl()
    finally:
        connection.close()
