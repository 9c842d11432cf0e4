{#
  The rank of a finding among all findings, errors first. A new month moves nearly every rank and no other column: where
  periods are kept, ranks are set in place afterwards.
#}

{# What a finding is ranked by: 1 errors, 2 what cannot be assessed, 3 programmes without a printed amount; none where
   there is nothing to look for: what is consistent, or where nothing was due and no ledger reaches. #}
{% macro urgency(finding, at_stake, programmes) -%}
case
            when {{ finding }} = 'consistent' then null
            when {{ finding }} <> 'not_assessable' then 1
            when {{ at_stake }} = 0 then null
            when {{ programmes }}.kind = 'subsidy' and {{ programmes }}.unit_amount is null then 3
            else 2
        end
{%- endmacro %}


{% macro rank_of_finding() -%}{{ adapter.dispatch("rank_of_finding")() }}{%- endmacro %}
{% macro default__rank_of_finding() -%}
case
        when {{ urgency('named.finding', 'named.at_stake', 'programmes') }} is not null
            then cast(row_number() over (
                partition by {{ urgency('named.finding', 'named.at_stake', 'programmes') }} is not null
                order by
                    {{ urgency('named.finding', 'named.at_stake', 'programmes') }}, named.at_stake desc,
                    named.programme_code, named.region_code, named.facility_id, named.period
            ) as bigint)
    end
{%- endmacro %}
{% macro duckdb__rank_of_finding() -%}cast(null as bigint){%- endmacro %}


{% macro rank_findings(audit) -%}{{ adapter.dispatch("rank_findings")(audit) }}{%- endmacro %}
{% macro default__rank_findings(audit) -%}{%- endmacro %}
{% macro duckdb__rank_findings(audit) -%}
    {% set told = changes(audit.identifier) %}
    {% if told.anew or told.gone %}
update {{ audit }} as audit
set rank = ranked.rank
from (
    select
        found.rowid as row_id,
        found.rank as former_rank,
        row_number() over (
            order by
                {{ urgency('found.finding', 'found.amount_at_stake_yuan', 'programmes') }},
                found.amount_at_stake_yuan desc, found.programme_code, found.region_code, found.facility_id, found.period
        ) as rank
    from {{ audit }} as found
    inner join {{ ref('subsidy_programmes') }} as programmes
        on found.programme_code = programmes.programme_code
    where {{ urgency('found.finding', 'found.amount_at_stake_yuan', 'programmes') }} is not null
) as ranked
where audit.rowid = ranked.row_id and ranked.rank is distinct from ranked.former_rank
    {% endif %}
{%- endmacro %}
