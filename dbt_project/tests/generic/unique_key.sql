{# No two rows share the key, and no part of it is NULL. #}
{% test unique_key(model, columns) %}
select
    {{ columns | join(", ") }},
    count(*) as n_rows
from {{ model }}
where {{ unseen() }}
group by {{ columns | join(", ") }}
having count(*) > 1 or {% for column in columns %}{{ column }} is null{{ " or " if not loop.last }}{% endfor %}
{% endtest %}
