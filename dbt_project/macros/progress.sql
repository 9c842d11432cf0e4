{#
  Progress of a dated target. Shares of the way from baseline to target:
  achieved = (actual − baseline) / (target − baseline), elapsed = (year − baseline year) / (target year − baseline year).
  The ratio achieved / elapsed, and likewise the ratio of the actual to the required annual growth rate, is judged by the
  bounds of Eurostat's SDG monitoring (95 %, 60 %, 0 %).
#}
{% macro on_track_status(ratio_of_progress) -%}
case
    when {{ ratio_of_progress }} >= 0.95 then 'ON_TRACK'
    when {{ ratio_of_progress }} >= 0.60 then 'ACCELERATE'
    when {{ ratio_of_progress }} >= 0 then 'LIMITED'
    when {{ ratio_of_progress }} < 0 then 'DETERIORATED'
end
{%- endmacro %}

{% macro is_met(operator, actual, target) -%}
case {{ operator }}
    when '>=' then {{ actual }} >= {{ target }}
    when '>' then {{ actual }} > {{ target }}
    when '<=' then {{ actual }} <= {{ target }}
    when '<' then {{ actual }} < {{ target }}
    when '=' then {{ actual }} = {{ target }}
end
{%- endmacro %}

{#
  The least quantity that meets the operator: for counted things the next whole one (for > and < one beyond), for
  money and areas the limit itself.
#}
{% macro quantity_that_meets(operator, limit, is_counted) -%}
case
    when not {{ is_counted }} then {{ limit }}
    when {{ operator }} = '>' then floor({{ limit }}) + 1
    when {{ operator }} = '<' then ceil({{ limit }}) - 1
    when {{ operator }} = '<=' then floor({{ limit }})
    else ceil({{ limit }})
end
{%- endmacro %}
