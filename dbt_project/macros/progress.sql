{#
  Progress of a dated target (linear method). Shares of the way from baseline to target:
  achieved = (actual − baseline) / (target − baseline), elapsed = (year − baseline year) / (target year − baseline year).
  The ratio achieved / elapsed is judged by the bounds of Eurostat's SDG monitoring (95 %, 60 %, 0 %).
#}
{% macro on_track_bounds() %}{{ return({"ON_TRACK": 0.95, "ACCELERATE": 0.60, "LIMITED": 0}) }}{% endmacro %}

{% macro is_met(operator, actual, target) -%}
case {{ operator }}
    when '>=' then {{ actual }} >= {{ target }}
    when '>' then {{ actual }} > {{ target }}
    when '<=' then {{ actual }} <= {{ target }}
    when '<' then {{ actual }} < {{ target }}
    when '=' then {{ actual }} = {{ target }}
end
{%- endmacro %}
