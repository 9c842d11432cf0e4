-- Life expectancy at birth from an abridged period life table, sexes together (spec §3): m = D/P with P the mean of the
-- populations at the year's two ends (the later one alone if the earlier is missing, marked estimated);
-- a(0) = 0.1, a(1-4) = 1.6, else n/2; q = n·m / (1 + (n − a)·m) ≤ 1; L = n·l(x+n) + a·d; open band L = l/m.
-- The bands are columns, so that every product is taken in the order of age.
{% set bands = life_table_bands() %}

with band as (

    select
        region_code,
        period,
        {% for first, last in bands %}
        {{ ratio("max(case when measure_key = 'pop_age_%02d' then value end)" % first) }} as p_{{ first }},
        {{ ratio("max(case when measure_key = 'deaths_age_%02d' then value end)" % first) }} as d_{{ first }},
        {% endfor %}
        max(coverage_m) as coverage_m,
        min(case when measure_key like 'deaths_age_%' then coverage_n end) as deaths_n
    from {{ ref('measure_value') }}
    where measure_key like 'pop_age_%' or measure_key like 'deaths_age_%'
    group by region_code, period

),

rates as (

    select
        this_year.region_code,
        this_year.period,
        this_year.coverage_m,
        coalesce(this_year.deaths_n, 0) as coverage_n,
        last_year.p_0 is null as is_estimated,
        {% for first, last in bands %}
        this_year.d_{{ first }}
        / nullif((this_year.p_{{ first }} + coalesce(last_year.p_{{ first }}, this_year.p_{{ first }})) / 2, 0)
            as m_{{ first }},
        {% endfor %}
        {% for first, last in bands %}this_year.d_{{ first }}{{ " + " if not loop.last }}{% endfor %}
            as deaths,
        {% for first, last in bands %}this_year.p_{{ first }}{{ " + " if not loop.last }}{% endfor %}
            as people
    from band as this_year
    left join band as last_year
        on
            this_year.region_code = last_year.region_code
            and cast(this_year.period as integer) = cast(last_year.period as integer) + 1

),

dying as (

    select
        *,
        {% for first, last in bands if last is not none %}
        {% set n = last - first + 1 %}
        {% set a = 0.1 if first == 0 else (1.6 if first == 1 else 2.5) %}
        least(1, {{ n }} * m_{{ first }} / (1 + {{ n - a }} * m_{{ first }}))
            as q_{{ first }}{{ "," if not loop.last }}
        {% endfor %}
    from rates

),

{% for first, last in bands %}
{% set previous = bands[loop.index0 - 1] %}
alive_{{ first }} as (

    select
        *,
        {% if loop.first %}cast(1 as double){% else %}l_{{ previous[0] }} * (1 - q_{{ previous[0] }}){% endif %}
            as l_{{ first }}
    from {{ "dying" if loop.first else "alive_%d" % previous[0] }}

),

{% endfor %}
expectancy as (

    select
        *,
        {% for first, last in bands %}
        {% if last is not none %}
        {% set n = last - first + 1 %}
        {% set a = 0.1 if first == 0 else (1.6 if first == 1 else 2.5) %}
        + {{ n }} * l_{{ last + 1 }} + {{ a }} * l_{{ first }} * q_{{ first }}
        {% else %}
        -- no deaths in the open band: no expectancy
        + case when m_{{ first }} > 0 then l_{{ first }} / m_{{ first }} end as value
        {% endif %}
        {% endfor %}
    from alive_85

)

select
    cells.indicator_key,
    cells.variant,
    cells.region_code,
    cells.period,
    {{ quantity('expectancy.deaths') }} as numerator,
    {{ quantity('expectancy.people') }} as denominator,
    expectancy.value,
    {{ ratio('null') }} as extreme,
    {{ ratio('null') }} as partial_value,
    expectancy.value is not null as is_complete,
    coalesce(expectancy.coverage_n between 1 and expectancy.coverage_m - 1, false) as is_observed,
    coalesce(expectancy.coverage_n, 0) as coverage_n,
    greatest(coalesce(expectancy.coverage_m, 0), cells.expected_counties) as coverage_m,
    0 as missing_cells,
    coalesce(expectancy.is_estimated, false) as is_estimated,
    false as is_stale,
    false as is_not_applicable,
    case when expectancy.is_estimated and expectancy.value is not null then '缺上年末人口，以当年人口代替年平均人口' end as note
from {{ ref('region_indicator') }} as cells
inner join {{ ref('indicator_definition') }} as definitions
    on cells.indicator_key = definitions.indicator_key and cells.variant = definitions.variant
left join expectancy
    on cells.region_code = expectancy.region_code and cells.period = expectancy.period
where definitions.kind = 'life_table'
