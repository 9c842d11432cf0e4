{#
  The payment keys that more than one month holds, as far as the changed `months` are concerned: a query for the keys,
  and the months that hold them as literals.

  Of a history only the keys are looked through, once; the rows are read from the months found.
#}
{% macro repeated_payment_keys(months, is_incremental) %}
    {% set keys = ref("ledger_payment_key") %}
    {% if not execute %}{{ return({"repeated": "0", "months": ["''"]}) }}{% endif %}
    {% set changed = months | join(", ") %}
    {% if is_incremental %}
        {% set repeated = "select here.payment_key from " ~ keys ~ " as here inner join " ~ keys ~ " as there"
            ~ " on here.payment_key = there.payment_key and here.delivery_period <> there.delivery_period"
            ~ " where here.delivery_period in (" ~ changed ~ ")" %}
    {% else %}
        {% set repeated = "select payment_key from " ~ keys
            ~ " group by payment_key having min(delivery_period) <> max(delivery_period)" %}
    {% endif %}
    {% set found = [] %}
    {% for row in run_query(
        "select distinct delivery_period from " ~ keys
        ~ " where payment_key in (" ~ repeated ~ ") order by delivery_period").rows %}
        {% do found.append("'" ~ row[0] ~ "'") %}
    {% endfor %}
    {{ return({"repeated": repeated, "months": found or ["''"]}) }}
{% endmacro %}
