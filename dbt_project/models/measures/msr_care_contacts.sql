-- Person-months on the visiting lists: persons counted per month, then summed over the months (探访关爱记录).
{{ distinct_branches(ref('stg_care_contacts'), [
    {"key": "contact_list", "distinct": "person_id",
     "where": "person_id is not null"},
    {"key": "contacted", "distinct": "person_id",
     "where": "contacts >= 1"}
], by_month=true) }}
