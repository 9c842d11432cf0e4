"""Shares of lottery funds, county budgets and fee caps, worked out by hand from the shipped ledgers and registers.

Sums in the comments are in 万元 as delivered; the warehouse tells yuan.
"""

from decimal import Decimal
from typing import NamedTuple

import pytest

from tests.shipped import Warehouse


class Share(NamedTuple):
    programme: str
    region: str
    level: str
    period: str
    amount: int
    denominator: int
    is_met: bool
    shortfall: int
    is_judged: bool


SHARES = [
    # 福彩, retained by the district: (339 + 226 + 150) of the 872 spent, 培训 11 not counted
    Share("BANAN-S6", "500113", "_T", "2025", 7_150_000, 8_720_000, True, 0, True),
    # a county below 55 %: (148 + 101 + 78 + 18 + 体彩 25) / (370 + 286 + 43); 55 % of 699 is 384.45
    Share("DAZHOU-S3", "511724", "_T", "2025", 3_700_000, 6_990_000, False, 144_500, True),
    # the city's own money is shown and not judged: (581 + 454 + 267 + 69 + 99) / (1470 + 1022 + 135)
    Share("DAZHOU-S3", "511700", "prefecture", "2025", 14_700_000, 26_270_000, True, 0, False),
    # the province's own 福彩: (1253 + 938 + 507 + 122) / (2820 + 2562 + 125); 55 % of 5507 is 3028.85
    Share("GZ22-S1", "520000", "province", "2022", 28_200_000, 55_070_000, False, 2_088_500, False),
    # 六盘水: its own 936 / 1621 and its counties' 239 / 462, 249 / 416, 248 / 412, 253 / 443
    Share("GZ22-S1", "520200", "_T", "2022", 19_250_000, 33_540_000, True, 0, False),
    Share("GZ22-S1", "520200", "prefecture", "2022", 9_360_000, 16_210_000, True, 0, False),
    Share("GZ22-S1", "520200", "county", "2022", 9_890_000, 17_330_000, True, 0, False),
]
PURPOSES_IN_BANAN = {
    "elder_construction": (True, 3_390_000), "elder_operation": (True, 2_260_000), "elder_purchase": (True, 1_500_000),
    "elder_training": (False, 110_000), "other_welfare": (False, 1_390_000), "other": (False, 70_000),
}  # fmt: skip
BUDGETS = [
    # exactly the minimum is enough; 170 and 220 are wanting
    ("DAZHOU-S1", "511724", "2022", 20_000_000, True, 0),
    ("DAZHOU-S1", "511781", "2025", 18_300_000, False, 1_700_000),
    ("DAZHOU-S2", "511781", "2025", 7_800_000, False, 2_200_000),
]


def ids(share: Share) -> str:
    return "-".join(share[:4])


@pytest.mark.parametrize("share", SHARES, ids=ids)
def test_share(shipped: Warehouse, share: Share) -> None:
    [row] = shipped.records(
        "select amount_yuan, denominator_yuan, share_percent, is_met, shortfall_yuan, is_judged, obs_status"
        f" from marts.fund_share where programme_code = '{share.programme}' and region_code = '{share.region}'"
        f" and government_level = '{share.level}' and period = '{share.period}' and purpose = '_T'"
    )
    assert row.pop("share_percent") == pytest.approx(share.amount / share.denominator * 100, rel=1e-12)
    assert row == {
        "amount_yuan": Decimal(share.amount), "denominator_yuan": Decimal(share.denominator), "is_met": share.is_met,
        "shortfall_yuan": Decimal(share.shortfall), "is_judged": share.is_judged, "obs_status": "A",
    }  # fmt: skip


def test_purposes_of_the_districts_fund_and_the_share_of_what_it_retained(shipped: Warehouse) -> None:
    rows = shipped.records(
        "select purpose, is_counted, amount_yuan, other_variant, other_denominator_yuan, other_share_percent"
        " from marts.fund_share where programme_code = 'BANAN-S6' and period = '2025' and government_level = '_T'"
    )
    told = {row["purpose"]: row for row in rows}
    total = told.pop("_T")
    assert {purpose: (row["is_counted"], row["amount_yuan"]) for purpose, row in told.items()} == {
        purpose: (counted, Decimal(amount)) for purpose, (counted, amount) in PURPOSES_IN_BANAN.items()
    }
    # 留存 832 and 结转 65
    assert (total["other_variant"], total["other_denominator_yuan"]) == ("retained_income", Decimal(8_970_000))
    assert total["other_share_percent"] == pytest.approx(79.7101449, abs=1e-7)


def test_a_rule_asks_nothing_before_it_is_in_force(shipped: Warehouse) -> None:
    told = dict(shipped.rows("select programme_code, min(period) from marts.fund_share group by programme_code"))
    assert told == {
        "BANAN-S6": "2022", "DAZHOU-S3": "2022", "GZ22-S1": "2022", "GZ23-S1": "2024", "HENAN-S1": "2022",
    }  # fmt: skip


def test_counties_that_dazhou_judges(shipped: Warehouse) -> None:
    """Each county on its own; the city as a whole is above 55 % though one county is not."""
    judged = shipped.rows(
        "select region_code, is_met from marts.fund_share"
        " where programme_code = 'DAZHOU-S3' and period = '2025' and is_judged order by region_code"
    )
    assert judged == [
        ("511702", True), ("511703", True), ("511722", True), ("511723", True), ("511724", False), ("511725", True),
        ("511781", True),
    ]  # fmt: skip


@pytest.mark.parametrize(("programme", "region", "period", "budget", "is_met", "shortfall"), BUDGETS)
def test_county_budget(
    shipped: Warehouse, programme: str, region: str, period: str, budget: int, is_met: bool, shortfall: int
) -> None:
    [row] = shipped.rows(
        "select budget_yuan, is_met, shortfall_yuan from marts.county_budget where purpose = '_T'"
        f" and programme_code = '{programme}' and region_code = '{region}' and period = '{period}'"
    )
    assert row == (Decimal(budget), is_met, Decimal(shortfall))


def test_a_fee_two_yuan_over_the_market_cap(shipped: Warehouse) -> None:
    """The county's one market home asks 3,110 for each of 105 beds: 80 % is 2,488, 70 % 2,177. 150 % of a twelfth of
    46,967 is 5,870.875, of which a whole cent may be charged.
    """
    rows = shipped.rows(
        "select programme_code, monthly_fee_yuan, reference_region_code, reference_total_yuan, reference_divisor,"
        " cap_yuan, is_met, excess_yuan, is_breach, register_path, register_row from marts.price_cap"
        " where facility_id = '511703YL0046' and period = '2025' order by programme_code"
    )
    where = ("elderly_facilities/2025-12/511703.xlsx", 48)
    fee, market, income = Decimal(2490), (Decimal(326_550), Decimal(105)), (Decimal(46_967), Decimal(12))
    assert rows == [
        ("DAZHOU-S6", fee, "511703", *income, Decimal("5870.87"), True, Decimal(0), False, *where),
        ("DAZHOU-S7", fee, "511703", *market, Decimal(2488), False, Decimal(2), True, *where),
        ("DAZHOU-S8", fee, "511703", *market, Decimal(2177), False, Decimal(313), False, *where),
    ]


def test_a_county_without_market_homes_refers_to_the_prefecture(shipped: Warehouse) -> None:
    """Seven homes: 104 × 3550 + 144 × 3530 + 105 × 3110 + 103 × 3530 + 55 × 3470 + 83 × 3390 + 105 × 3420
    = 2,398,980 over 699 beds, 3,432.017… a month; 80 % of that is 2,745.61….
    """
    rows = shipped.rows(
        "select distinct reference_region_code, reference_region_level, reference_total_yuan, reference_divisor,"
        " reference_monthly_yuan, cap_yuan from marts.price_cap"
        " where programme_code = 'DAZHOU-S7' and region_code = '511723' and period = '2025'"
    )
    total, beds = Decimal(2_398_980), Decimal(699)
    assert rows == [("511700", "prefecture", total, beds, Decimal("3432.02"), Decimal("2745.61"))]


def test_breaches_in_2025(shipped: Warehouse) -> None:
    """One fee is over the caps in force; the last stage without a date accuses nobody."""
    rows = shipped.rows("select programme_code, facility_id from marts.price_cap where is_breach and period = '2025'")
    assert rows == [("DAZHOU-S7", "511703YL0046")]
