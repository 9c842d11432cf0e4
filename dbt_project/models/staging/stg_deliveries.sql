-- Standing deliveries: the highest revision of each supplier's file, readable and with a header, under the code that
-- its supplier has at year end. What became of its rows does not matter here: headers alone are a nil return (spec
-- §1).
select
    delivery.source,
    delivery.period,
    delivery.state,
    delivery.refused_rows,
    coalesce(codes.region_code, delivery.supplier_code) as supplier,
    {{ year_of('delivery.period') }} as year_
from {{ source('landing', 'delivery') }} as delivery
left join {{ ref('region_code_year') }} as codes
    on
        delivery.supplier_code = codes.delivered_code
        and {{ year_of('delivery.period') }} = codes.period
where delivery.standing
