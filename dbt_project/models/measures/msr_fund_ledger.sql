-- Money of each government, by the government whose money it is (资金收支台账), each sum by purpose (unit_code).
{% set lottery = "fund_source in ('welfare_lottery','sports_lottery') and social_welfare_use" %}
{% set retained = "fund_source = 'welfare_lottery' and retained_level = 'county'" %}
{% set budget = "fund_source = 'general_budget' and direction = 'budget'" %}
{{ measure_branches(ref('stg_fund_ledger'), [
    {"key": "lottery_sw_spent", "unit": "purpose", "sum": "amount",
     "where": lottery ~ " and direction = 'expenditure'"},
    {"key": "lottery_sw_elder", "unit": "purpose", "sum": "amount",
     "where": lottery ~ " and direction = 'expenditure' and is_eldercare"},
    {"key": "lottery_wf_spent", "unit": "purpose", "sum": "amount",
     "where": "fund_source = 'welfare_lottery' and direction = 'expenditure'"},
    {"key": "lottery_wf_elder", "unit": "purpose", "sum": "amount",
     "where": "fund_source = 'welfare_lottery' and direction = 'expenditure' and is_eldercare"},
    {"key": "lottery_retained_spent", "unit": "purpose", "sum": "amount",
     "where": retained ~ " and direction = 'expenditure'"},
    {"key": "lottery_retained_elder", "unit": "purpose", "sum": "amount",
     "where": retained ~ " and direction = 'expenditure'"
       ~ " and purpose in ('elder_construction','elder_operation','elder_purchase')"},
    {"key": "lottery_retained_income", "unit": "purpose", "sum": "amount",
     "where": retained ~ " and direction in ('income','carry_over')"},
    {"key": "budget_eldercare", "unit": "purpose", "sum": "amount",
     "where": budget ~ " and is_eldercare"},
    {"key": "budget_childcare", "unit": "purpose", "sum": "amount",
     "where": budget ~ " and purpose = 'childcare'"}
]) }}
