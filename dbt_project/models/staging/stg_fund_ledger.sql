-- Entries of governments' fund ledgers, one a government (region_code) and entry; amounts in yuan.
select
    entry_id,
    region_code,
    delivery_period as period,
    fund_source,
    social_welfare_use,
    retained_level,
    direction,
    purpose,
    amount,
    booked_on,
    purpose in (
        'elder_construction', 'elder_operation', 'elder_purchase', 'elder_training', 'elder_other'
    ) as is_eldercare,
    delivery_path,
    delivery_row
from {{ source('landing', 'fund_ledger') }}
