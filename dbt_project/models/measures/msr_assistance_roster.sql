-- Persons on the assistance rolls, each counted once in every region that holds them (特困等救助人员名册).
{{ distinct_branches(ref('stg_assistance_roster'), [
    {"key": "tekun_disabled", "distinct": "person_id",
     "where": "on_roster and assistance_kind = 'tekun' and self_care = 'total_loss'"},
    {"key": "tekun_disabled_central", "distinct": "person_id",
     "where": "on_roster and assistance_kind = 'tekun' and self_care = 'total_loss'"
       ~ " and support_mode = 'centralised'"},
    {"key": "tekun_disabled_wide", "distinct": "person_id",
     "where": "on_roster and assistance_kind = 'tekun' and self_care in ('partial_loss','total_loss')"},
    {"key": "tekun_disabled_wide_central", "distinct": "person_id",
     "where": "on_roster and assistance_kind = 'tekun' and self_care in ('partial_loss','total_loss')"
       ~ " and support_mode = 'centralised'"},
    {"key": "tekun_willing", "distinct": "person_id",
     "where": "on_roster and assistance_kind = 'tekun' and wants_centralised"},
    {"key": "tekun_willing_central", "distinct": "person_id",
     "where": "on_roster and assistance_kind = 'tekun' and wants_centralised and support_mode = 'centralised'"},
    {"key": "safety_willing", "distinct": "person_id",
     "where": "on_roster and assistance_kind in ('tekun','other_safety_net') and wants_centralised"},
    {"key": "safety_willing_central", "distinct": "person_id",
     "where": "on_roster and assistance_kind in ('tekun','other_safety_net') and wants_centralised"
       ~ " and support_mode = 'centralised'"},
    {"key": "hardup_old_disabled", "distinct": "person_id",
     "where": "on_roster and age >= 60 and assistance_kind in ('tekun','dibao','dibao_marginal')"
       ~ " and (age >= 80 or self_care in ('partial_loss','total_loss'))"},
    {"key": "hardup_old_disabled_served", "distinct": "person_id",
     "where": "on_roster and age >= 60 and assistance_kind in ('tekun','dibao','dibao_marginal')"
       ~ " and (age >= 80 or self_care in ('partial_loss','total_loss')) and basic_service"},
    {"key": "poor_elders_eligible", "distinct": "person_id",
     "where": "on_roster and age >= 60 and eligible"},
    {"key": "poor_elders_covered", "distinct": "person_id",
     "where": "on_roster and age >= 60 and eligible and assistance_kind in ('tekun','dibao')"},
    {"key": "poor_elder_households", "distinct": "household_key",
     "where": "on_roster and age >= 60 and eligible and assistance_kind in ('dibao','dibao_marginal','none')"},
    {"key": "poor_elder_households_dibao", "distinct": "household_key",
     "where": "on_roster and age >= 60 and eligible and assistance_kind = 'dibao'"},
    {"key": "tekun_homes_to_adapt", "distinct": "household_key",
     "where": "on_roster and assistance_kind = 'tekun' and support_mode = 'dispersed' and age >= 60"
       ~ " and (age >= 80 or self_care in ('partial_loss','total_loss') or disability)"},
    {"key": "tekun_homes_adapted", "distinct": "household_key",
     "where": "on_roster and assistance_kind = 'tekun' and support_mode = 'dispersed' and age >= 60"
       ~ " and (age >= 80 or self_care in ('partial_loss','total_loss') or disability)"
       ~ " and home_adapted_on <= as_of"}
]) }}
