select
    shares.programme_code,
    shares.programme_name,
    shares.region_code,
    shares.region_name,
    shares.region_level,
    shares.period,
    shares.amount_yuan,
    shares.denominator_yuan,
    shares.share_percent,
    shares.limit_operator,
    cast(shares.limit_percent as double) as limit_percent,
    shares.is_met,
    shares.shortfall_yuan,
    shares.obs_status,
    shares.note
from marts.fund_share as shares
semi join published_region as regions on shares.region_code = regions.region_code and shares.period = regions.period
where shares.is_judged and shares.period <= $year
order by shares.programme_code, shares.region_code, shares.period
