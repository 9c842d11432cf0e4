"""Every expectation of every suite: silent on good figures, loud by its own name when its fault is planted."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from pipelines.checks import CheckOutcome
from pipelines.checks.suite import load_suites

VALUE = "update marts.indicator_value set {} where region_code = '511702' and indicator_key = '{}'"
FILE = "update ops.delivery set {} where source = 'population'"
COUNT = "update ops.reconciliation set {} where path like 'population%'"
PEOPLE = "update marts.population set {} where region_code = '511702' and period = '2021'"
DOCUMENT = "update marts.document_indicator set {} where table_key = 'annex_1' and row_no = 3"
ANNEX_2 = "update marts.banan_2021_74_annex_2 set {} where row_no = 3"
TASK = "update marts.task_progress set {} where task_no = '3' and department_no = 1 and period = '2021'"
CROSSWALK = "update marts.crosswalk set {} where table_key = 'annex_1'"
CONSISTENCY = "update marts.target_consistency set {} where check_key = 'rounded'"
UNIT = "update marts.unit_shortfall set {} where unit_code = '511702'"
HOME = "update marts.facility set {} where facility_id = '甲3'"
NURSERY = "update marts.childcare_facility set {} where facility_id = '乙3'"
REPEAT = "insert into {0} select * from {0} limit 1"


def printed(table: str) -> dict[str, str]:
    row = f"update marts.{table} set {{}} where row_no = 3"
    return {
        "all_rows_present": f"delete from marts.{table} where row_no = 18",
        "row_no_unique": row.format("row_no = 4"),
        "row_no_present": row.format("row_no = null"),
        "printed_order": f"create or replace table marts.{table} as select * from marts.{table} order by row_no desc",
        "label_present": row.format("label = null"),
        "label_as_printed": row.format("label = '别的名称'"),
        "target_present": row.format("target_printed = null"),
        "status_in_code_list": row.format("status = 'GOOD'"),
        "status_present": row.format("status = null"),
        "judged_on_a_figure": row.format("actual_value = null"),
    }


def in_text(table: str) -> dict[str, str]:
    row = f"update marts.{table} set {{}} where row_no = 3"
    return {
        "all_rows_present": f"delete from marts.{table} where row_no = 5",
        "printed_order": f"create or replace table marts.{table} as select * from marts.{table} order by row_no desc",
        "wording_as_printed": row.format("target_printed = '61%'"),
        "figure_or_reason": row.format("actual_value = null"),
    }


FAULTS: dict[str, dict[str, str]] = {
    "indicator_value": {
        "key_unique": REPEAT.format("marts.indicator_value"),
        "region_present": VALUE.format("region_code = null", "beds"),
        "variant_present": VALUE.format("variant = null", "beds"),
        "period_form": VALUE.format("period = '2020年'", "beds"),
        "period_present": VALUE.format("period = null", "beds"),
        "indicator_registered": VALUE.format("indicator_key = 'unheard_of'", "beds"),
        "obs_status_in_code_list": VALUE.format("obs_status = 'X'", "beds"),
        "obs_status_present": VALUE.format("obs_status = null", "beds"),
        "conf_status_in_code_list": VALUE.format("conf_status = 'N'", "beds"),
        "conf_status_present": VALUE.format("conf_status = null", "beds"),
        "share_within_0_100": VALUE.format("value = 130", "nursing_share"),
        "value_not_below_minimum": VALUE.format("value = -1", "beds"),
        "value_not_above_maximum": VALUE.format("value = 100001", "beds"),
        "part_within_whole": VALUE.format("numerator = 41", "nursing_share"),
        "part_not_negative": VALUE.format("numerator = -1", "nursing_share"),
        "coverage_within_expected": VALUE.format("coverage_n = 2", "beds"),
        "gap_is_explained": VALUE.format("value = null", "beds"),
        "figure_is_no_gap": VALUE.format("obs_status = 'L'", "beds"),
        "governed_region_complete": VALUE.format("value = null, obs_status = 'L'", "beds"),
        "document_figure_has_cell": (
            "delete from marts.indicator_value where region_code = '511700' and indicator_key = 'nursing_share'"
        ),
        "children_equal_parent": (
            "update marts.indicator_value set numerator = 31 "
            "where region_code = '510000' and indicator_key = 'nursing_share'"
        ),
        "children_within_parent": VALUE.format("numerator = 41", "beds"),
        "children_near_reported_parent": VALUE.format("numerator = 300", "aged"),
        "share_moved_plausibly": VALUE.format("value = value + 5.1", "nursing_share"),
        "quantity_moved_plausibly": VALUE.format("value = value * 1.11", "beds"),
        "nothing_lost": VALUE.format("value = null, obs_status = 'L'", "beds"),
    },
    "document_indicator": {
        "key_unique": REPEAT.format("marts.document_indicator"),
        "document_present": DOCUMENT.format("document_key = null"),
        "row_present": DOCUMENT.format("row_no = null"),
        "label_present": DOCUMENT.format("label = null"),
        "period_form": DOCUMENT.format("period = '2020-12'"),
        "status_in_code_list": DOCUMENT.format("status = 'GOOD'"),
        "status_present": DOCUMENT.format("status = null"),
        "not_assessable_has_reason": DOCUMENT.format("status = 'NOT_ASSESSABLE'"),
        "judged_on_a_figure": DOCUMENT.format("actual_value = null"),
        "standing_target_has_no_progress": DOCUMENT.format("status = 'MET', progress_linear = 1"),
        "figure_from_indicator_value": DOCUMENT.format("actual_value = 30.001"),
        "every_year_present": (
            "insert into marts.document_indicator by name select * replace ('2021' as period) "
            "from marts.document_indicator where row_no <> 3"
        ),
        "baseline_reproduced": DOCUMENT.format("baseline_value = 30.6, baseline_printed = '30.6%'"),
    },
    "banan_2021_74_annex_1": printed("banan_2021_74_annex_1"),
    "dazhou_yilaoyixiao_table_1": printed("dazhou_yilaoyixiao_table_1"),
    "banan_2021_74_targets": in_text("banan_2021_74_targets"),
    "dazhou_yilaoyixiao_targets": in_text("dazhou_yilaoyixiao_targets"),
    "guizhou_2022_6_targets": in_text("guizhou_2022_6_targets"),
    "guizhou_2023_21_targets": in_text("guizhou_2023_21_targets"),
    "henan_2023_targets": in_text("henan_2023_targets"),
    "banan_2021_74_annex_2": {
        "all_rows_present": "insert into marts.banan_2021_74_annex_2 by name select 36 as row_no, '任务。' as label",
        "printed_order": (
            "create or replace table marts.banan_2021_74_annex_2 as "
            "select * from marts.banan_2021_74_annex_2 order by row_no desc"
        ),
        "wording_as_printed": ANNEX_2.format("responsible = '区民政局负责。'"),
        "departments_named": ANNEX_2.format("lead_departments = null, participating_departments = null"),
        "status_present": ANNEX_2.format("status = null"),
    },
    "task_progress": {
        "key_unique": REPEAT.format("marts.task_progress"),
        "role_in_code_list": TASK.format("role = '牵头'"),
        "status_in_code_list": TASK.format("status = 'finished'"),
        "status_present": TASK.format("status = null"),
        "done_is_dated": TASK.format("done_on = null"),
        "every_department_every_year": TASK.format("department = '区财政局'"),
    },
    "crosswalk": {
        "key_unique": REPEAT.format("marts.crosswalk"),
        "comparability_in_code_list": CROSSWALK.format("comparability = 'perhaps'"),
        "comparability_assessed": CROSSWALK.format("comparability = 'not_assessed'"),
        "definition_present": CROSSWALK.format("definition = null"),
        "documents_counted": "delete from marts.crosswalk where table_key = 'annex_1'",
    },
    "target_consistency": {
        "key_unique": REPEAT.format("marts.target_consistency"),
        "every_rule_judged": "delete from marts.target_consistency where check_key = 'unprinted'",
        "finding_in_code_list": CONSISTENCY.format("finding = 'FINE'"),
        "finding_follows_figures": CONSISTENCY.format("difference = 0.6"),
        "reason_present": CONSISTENCY.format("reason = ''"),
    },
    "unit_shortfall": {
        "key_unique": REPEAT.format("marts.unit_shortfall"),
        "only_those_that_fail": UNIT.format("unit_value = 1"),
        "unit_named": UNIT.format("unit_name = null"),
        "all_that_fail_listed": "delete from marts.unit_shortfall where unit_code = '511702'",
    },
    "facility": {
        "region_named": HOME.format("region_name = null"),
        "nursing_beds_within_beds": HOME.format("nursing_beds = 41"),
        "institution_has_ten_beds": HOME.format("beds = 9, nursing_beds = 0"),
        "only_operating_in_service": HOME.format("status = 'suspended'"),
        "every_landed_row_shown": "delete from marts.facility where facility_id = '甲3'",
    },
    "childcare_facility": {
        "region_named": NURSERY.format("region_name = null"),
        "central_places_within_places": NURSERY.format("central_project_places = 61"),
        "only_operating_in_service": NURSERY.format("status = 'closed'"),
        "every_landed_row_shown": REPEAT.format("marts.childcare_facility"),
    },
    "population": {
        "key_unique": REPEAT.format("marts.population"),
        "region_present": PEOPLE.format("region_code = null"),
        "period_form": PEOPLE.format("period = '21'"),
        "basis_in_code_list": PEOPLE.format("basis = 'de_facto'"),
        "ref_point_in_code_list": PEOPLE.format("ref_point = 'june'"),
        "sex_in_code_list": PEOPLE.format("sex = '男'"),
        "age_from_present": PEOPLE.format("age_from = null"),
        "age_band_upright": PEOPLE.format("age_to = -1"),
        "population_not_negative": PEOPLE.format("population = -1"),
        "bands_follow_on": PEOPLE.format("age_to = 60") + " and age_from = 0",
        "sexes_paired": PEOPLE.format("sex = 'total'") + " and sex = 'male'",
        "people_present": PEOPLE.format("population = 0"),
        "aged_share_plausible": PEOPLE.format("population = 9000") + " and age_from = 60",
        "sex_ratio_plausible": PEOPLE.format("population = population * 2") + " and sex = 'male'",
        "children_count_once": (
            "update marts.population set population = population * 1.3 where period = '2020' and region_code = '511703'"
        ),
        "children_within_parent": (
            "update marts.population set population = population * 1.1 where period = '2020' and region_code = '511703'"
        ),
        "children_reach_parent": (
            "update marts.population set population = population * 0.9 where period = '2020' and region_code = '511703'"
        ),
        "yearly_change_plausible": "update marts.population set population = population * 2 where period = '2021'",
        "population_moved_plausibly": PEOPLE.format("population = population * 1.1"),
    },
    "delivery": {
        "path_unique": REPEAT.format("ops.delivery"),
        "path_present": FILE.format("path = null"),
        "sha256_form": FILE.format("sha256 = 'abc'"),
        "state_in_code_list": FILE.format("state = 'lost'"),
        "state_present": FILE.format("state = null"),
        "file_reconciled": "delete from ops.reconciliation where path like 'population%'",
        "rejection_has_reason": FILE.format("state = 'rejected'"),
        "no_file_rejected": FILE.format("state = 'rejected', reason = 'encoding'"),
        "every_row_accounted_for": COUNT.format("landed = 8"),
        "counts_known": COUNT.format("ignored = null"),
        "counts_not_negative": COUNT.format("landed = 11, ignored = -1"),
        "reconciliation_unique": REPEAT.format("ops.reconciliation"),
        "quarantine_small": COUNT.format("landed = 8, quarantined = 1"),
        "source_still_delivered": "delete from ops.delivery where source = 'population'",
    },
}
SEVERITY = {
    (suite.name, item.name): item.severity
    for suite in load_suites()
    for batch in suite.batches
    for item in batch.expectations
}


def test_every_expectation_has_its_fault() -> None:
    """Here, or in one of the files beside this one that plant faults of their own."""
    files = sorted(Path(__file__).parent.glob("test_*suites_must_fail.py"))
    planted = [import_module(f"tests.unit.checks.{path.stem}").FAULTS for path in files]
    assert set(SEVERITY) == {(suite, name) for faults in planted for suite, names in faults.items() for name in names}


@pytest.mark.parametrize("suite", FAULTS)
def test_good_figures_pass(check: Callable[..., CheckOutcome], suite: str) -> None:
    outcome = check(suite, compare=True)
    assert [str(result) for result in outcome.failures] == []
    assert outcome.passed
    assert {result.check for result in outcome.results} == set(FAULTS[suite])


@pytest.mark.parametrize(("suite", "name"), [(suite, name) for suite, faults in FAULTS.items() for name in faults])
def test_planted_fault_is_named(check: Callable[..., CheckOutcome], suite: str, name: str) -> None:
    outcome = check(suite, FAULTS[suite][name], compare=True, only=name)
    found = {result.check: result for result in outcome.failures}
    assert name in found, sorted(found)
    assert not found[name].error
    assert found[name].unexpected_count > 0 or found[name].observed
    if SEVERITY[suite, name] == "critical":
        assert not outcome.passed
