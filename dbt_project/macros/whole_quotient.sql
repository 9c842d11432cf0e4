{#
  The whole part of dividend / divisor, exact for decimals (both positive, the quotient under 2^53): the double quotient
  may be one off at a border, so its neighbours are tried by multiplying back.
#}
{% macro whole_quotient(dividend, divisor) -%}
{%- set near = "cast(floor(cast(" ~ dividend ~ " as double) / nullif(cast(" ~ divisor ~ " as double), 0)) as decimal(18, 0))" -%}
case
    when ({{ near }} + 1) * ({{ divisor }}) <= {{ dividend }} then {{ near }} + 1
    when {{ near }} * ({{ divisor }}) <= {{ dividend }} then {{ near }}
    else {{ near }} - 1
end
{%- endmacro %}
