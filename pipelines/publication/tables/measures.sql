select
    measure_key,
    name_zh as measure_name,
    unit_zh as unit,
    source,
    stock_or_flow,
    annual_rule,
    counts_persons,
    note
from reference.measure
order by measure_key
