-- Which units fail: for every threshold row of a document and year, the units below (or above) its limit and those
-- whose value is unknown.
select
    cast(units.document_key as string) as document_key,
    cast(units.table_key as string) as table_key,
    cast(units.row_no as integer) as row_no,
    cast(rows_.label_zh as string) as label,
    cast(units.indicator_key as string) as indicator_key,
    cast(units.variant as string) as variant,
    cast(units.scope_region as string) as region_code,
    cast(units.period as string) as period,
    cast(units.threshold_unit as string) as unit_kind,
    cast(units.unit_code as string) as unit_code,
    cast(coalesce(names.unit_name, regions.region_name) as string) as unit_name,
    cast(units.unit_region_code as string) as unit_region_code,
    {{ ratio('units.unit_value') }} as unit_value,
    cast(units.limit_operator as string) as limit_operator,
    {{ ratio('units.limit_value') }} as limit_value,
    {{ ratio('abs(units.limit_value - units.unit_value)') }} as shortfall,
    units.unit_value is not null as is_known
from {{ ref('document_unit') }} as units
inner join {{ ref('document_rows') }} as rows_
    on
        units.document_key = rows_.document_key
        and units.table_key = rows_.table_key
        and units.row_no = rows_.row_no
left join {{ ref('region_year') }} as regions
    on units.unit_code = regions.region_code and units.period = regions.period
left join {{ ref('unit_name') }} as names
    on units.unit_code = names.unit_code and units.period = names.period
where coalesce(not units.is_met, true) and not units.is_not_applicable
order by document_key, table_key, row_no, period, unit_code
