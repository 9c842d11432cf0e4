-- The years that anything but the register was delivered for.
{{ config(materialized='table') }}
select distinct {{ year_of('period') }} as period
from {{ source('landing', 'delivery') }}
where source <> 'regions' and standing
