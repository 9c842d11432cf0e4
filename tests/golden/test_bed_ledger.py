"""Three ledgers side by side, on the shipped deliveries: every figure here was read off the delivered files by hand."""

import pytest

from tests.shipped import Warehouse

BEDS, PLACES = "eldercare_beds", "childcare_places"

# (subject, region, year) → registered, subsidised, returned. Subsidised, from the rows of CQ-CONSTR and BANAN-S4 (beds)
# and of BANAN-S2 and S3 (places) in raw/subsidy_ledger, each facility's larger figure:
#   beds    2022  80 + 80 + 100 + 40 + 40; 2023  + 80 + 40, and 110 instead of 100 (BANAN-S4 of 500113YL0047);
#           2024  + 80 + 40; 2025  + 80 (CQ-CONSTR of 500113YL0033; its BANAN-S4 is approved and not paid) + 40
#   places  2022  60; 2023  + 45 + 65; 2024  + 60 + 60; 2025  the same: what 500113TY0058 paid back names no places
LEDGERS = {
    (BEDS, "500113", "2022"): (6696, 340, 6696),
    (BEDS, "500113", "2023"): (6995, 470, 6995),
    (BEDS, "500113", "2024"): (7229, 590, 7229),
    (BEDS, "500113", "2025"): (7451, 710, 7451),
    (PLACES, "500113", "2022"): (2603, 60, 2603),
    (PLACES, "500113", "2023"): (3525, 170, 3537),
    (PLACES, "500113", "2024"): (4453, 290, 4528),
    (PLACES, "500113", "2025"): (5215, 290, 5215),
    (BEDS, "511702", "2023"): (4177, 0, 4141),
    (BEDS, "511722", "2025"): (4491, 0, 4611),
    (PLACES, "511781", "2025"): (3722, 0, 3698),
    (BEDS, "511700", "2025"): (31778, 0, 31898),
}


@pytest.mark.parametrize("key", LEDGERS, ids="-".join)
def test_three_ledgers_of_a_region(shipped: Warehouse, key: tuple[str, str, str]) -> None:
    subject, region, year = key
    [figures] = shipped.rows(
        "select registered, subsidised, returned from marts.bed_ledger"
        f" where subject = '{subject}' and unit_code = '{region}' and period = '{year}'"
    )
    assert figures == LEDGERS[key]


def test_the_work_list_of_the_counties(shipped: Warehouse) -> None:
    """Five returns differ from their registers (planted, raw/agency_returns/origin.yml), and nothing else does."""
    listed = shipped.rows(
        "select period, unit_name, largest_difference, rank, finding, finding_name from marts.bed_ledger"
        " where unit_level = 'county' and largest_difference > 0 order by period, subject, rank"
    )
    assert listed == [
        ("2023", "巴南区", 12, 1, "returned_over_registered", "报表托位多于名册 12 个"),
        ("2023", "通川区", 36, 1, "returned_under_registered", "报表床位少于名册 36 张"),
        ("2024", "巴南区", 75, 1, "returned_over_registered", "报表托位多于名册 75 个"),
        ("2025", "万源市", 24, 1, "returned_under_registered", "报表托位少于名册 24 个"),
        ("2025", "宣汉县", 120, 1, "returned_over_registered", "报表床位多于名册 120 张"),
    ]


def test_a_home_is_subsidised_for_more_beds_than_it_has(shipped: Warehouse) -> None:
    """500113YL0047 has 100 beds, was paid for 100 by one programme and for 110 by another: 110, not 210."""
    listed = shipped.rows(
        "select period, unit_code, registered, subsidised, returned, largest_difference, rank, programme_code,"
        " finding_name from marts.bed_ledger where unit_level = 'facility' and rank is not null order by period"
    )
    assert listed == [
        (year, "500113YL0047", 100, 110, None, 10, 1, "BANAN-S4", "补贴床位多于登记 10 张")
        for year in ("2023", "2024", "2025")
    ]


def test_a_ledger_that_is_missing_is_no_zero(shipped: Warehouse) -> None:
    """No ledger before December 2022, none of the other provinces, whose counties return no beds either."""
    unknown = shipped.rows(
        "select distinct subsidised, returned, largest_difference, rank, finding, finding_name, is_subsidised_known"
        " from marts.bed_ledger where unit_level = 'county' and (period < '2022' or unit_code like '41%')"
    )
    assert unknown == [(None, None, None, None, "not_comparable", "未报补贴台账；未报统计报表", False)]


def test_money_that_came_back_without_a_number_of_places_is_told(shipped: Warehouse) -> None:
    [told] = shipped.rows(
        "select subsidised, missing_quantities from marts.bed_ledger"
        " where unit_code = '500113TY0058' and period = '2025'"
    )
    assert told == (65, 1)
