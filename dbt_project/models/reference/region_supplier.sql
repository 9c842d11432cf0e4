-- The units whose deliveries a region's figures wait for (spec §3, expected suppliers): its counties valid at year end,
-- functional zones only if they report separately; a town waits for its county; for items born higher up, the regions
-- of that level. A zone within its host's figures is waited for by itself and its towns only.
with unit as (

    select
        period,
        region_code,
        level as born_level,
        coalesce(level <> 'county' or gbt2260 or (county_kind = 'zone' and reports_separately), false) as is_expected
    from {{ ref('region_year') }}
    where level in ('county', 'prefecture', 'province')

)

select
    unit.period,
    ancestry.ancestor_code as region_code,
    unit.region_code as supplier_code,
    unit.born_level
from unit
inner join {{ ref('region_ancestor') }} as ancestry
    on unit.period = ancestry.period and unit.region_code = ancestry.region_code
where unit.is_expected or ancestry.depth = 0

union all

select
    unit.period,
    ancestry.region_code,
    unit.region_code as supplier_code,
    unit.born_level
from unit
inner join {{ ref('region_ancestor') }} as ancestry
    on unit.period = ancestry.period and unit.region_code = ancestry.ancestor_code
where unit.born_level = 'county' and ancestry.depth > 0
