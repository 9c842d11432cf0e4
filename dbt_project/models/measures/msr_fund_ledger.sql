-- Money of each government, by the government whose money it is (资金收支台账).
{% set lottery = "fund_source in ('welfare_lottery','sports_lottery') and social_welfare_use" %}
{% set retained = "fund_source = 'welfare_lottery' and retained_level = 'county'" %}
{{ measure_branches(ref('stg_fund_ledger'), [
    {"key": "lottery_sw_spent", "sum": "amount",
     "where": lottery ~ " and direction = 'expenditure'"},
    {"key": "lottery_sw_elder", "sum": "amount",
     "where": lottery ~ " and direction = 'expenditure' and is_eldercare"},
    {"key": "lottery_wf_spent", "sum": "amount",
     "where": "fund_source = 'welfare_lottery' and direction = 'expenditure'"},
    {"key": "lottery_wf_elder", "sum": "amount",
     "where": "fund_source = 'welfare_lottery' and direction = 'expenditure' and is_eldercare"},
    {"key": "lottery_retained_spent", "sum": "amount",
     "where": retained ~ " and direction = 'expenditure'"},
    {"key": "lottery_retained_elder", "sum": "amount",
     "where": retained ~ " and direction = 'expenditure'"
       ~ " and purpose in ('elder_construction','elder_operation','elder_purchase')"},
    {"key": "lottery_retained_income", "sum": "amount",
     "where": retained ~ " and direction in ('income','carry_over')"},
    {"key": "budget_eldercare", "sum": "amount",
     "where": "fund_source = 'general_budget' and direction = 'budget' and is_eldercare"},
    {"key": "budget_childcare", "sum": "amount",
     "where": "fund_source = 'general_budget' and direction = 'budget' and purpose = 'childcare'"}
]) }}
