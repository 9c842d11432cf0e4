{#
  The rank of a finding among those of its period, errors first. Not among all periods: a new month would move nearly
  every rank of the others.
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


{% macro rank_of_finding() -%}
case
        when {{ urgency('named.finding', 'named.at_stake', 'programmes') }} is not null
            then cast(row_number() over (
                partition by named.period, {{ urgency('named.finding', 'named.at_stake', 'programmes') }} is not null
                order by
                    {{ urgency('named.finding', 'named.at_stake', 'programmes') }}, named.at_stake desc,
                    named.programme_code, named.region_code, named.facility_id
            ) as bigint)
    end
{%- endmacro %}
