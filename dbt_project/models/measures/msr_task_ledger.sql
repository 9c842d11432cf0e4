-- Milestones of each government: 1 done, 0 open; the measure is named by its milestone (重点任务与里程碑台账). A
-- region's milestone is its own row, never the sum of those beneath (spec §3).
select
    milestone_key as measure_key,
    region_code,
    period,
    {{ quantity('max(case when is_done then 1 else 0 end)') }} as value
from {{ ref('stg_task_ledger') }}
where item_kind = 'milestone'
group by milestone_key, region_code, period
