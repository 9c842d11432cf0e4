-- What an account of a region sees unsuppressed: every code that stands today, or stood before a change with a single
-- successor, for a region beneath it. One row an account's region (county and above, today's codes) and code.
create or replace temp table reach as
select
    ancestry.ancestor_code as account_region,
    codes.region_code
from reference.region_ancestor as ancestry
inner join reference.region_today as codes on ancestry.region_code = codes.today_code
where
    ancestry.period = (select max(period) from reference.region_ancestor)
    and ancestry.ancestor_level in ('province', 'prefecture', 'county')
group by all
order by all
