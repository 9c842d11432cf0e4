"""二(二)1 of 达州市“一老一小”整体解决方案: its counts, shares, gaps and ten-year changes from the delivered censuses.

Gaps and changes subtract shares that were rounded first: 22.36 less Sichuan's 21.71 is the printed 0.65, while the
unrounded shares are 0.66 apart. 达县 (511721) of the 2010 census became 达川区 (511703) in between.
"""

from decimal import ROUND_HALF_UP, Decimal

import pytest

from tests.shipped import Warehouse

# id, printed figure, and how many of the unit that was counted make one of the printed unit
COUNTS = [
    ("DAZHOU-TX-18", "538.54", 10_000),
    ("DAZHOU-TX-19", "93.1", 10_000),
    ("DAZHOU-TX-21", "120.44", 10_000),
    ("DAZHOU-TX-25", "96.74", 10_000),
]
SHARES = [("DAZHOU-TX-20", "17.29", 1), ("DAZHOU-TX-22", "22.36", 1), ("DAZHOU-TX-26", "17.96", 1)]
DIFFERENCES = [
    ("DAZHOU-TX-23", "0.65"),
    ("DAZHOU-TX-24", "3.66"),
    ("DAZHOU-TX-27", "1.03"),
    ("DAZHOU-TX-28", "4.46"),
    ("DAZHOU-TX-30", "-3.07"),
    ("DAZHOU-TX-31", "5.48"),
    ("DAZHOU-TX-32", "7.05"),
]
# residents of 2010 and the shares that the printed ones of 2020 and their changes leave for 2010
RESIDENTS_2010 = 5_468_097
SHARES_2010 = {"age_to <= 14": "20.36", "age_from >= 60": "16.88", "age_from >= 65": "10.91"}
# 除通川区外
OTHERS = ("达川区", "宣汉县", "开江县", "大竹县", "渠县", "万源市")


def computed(shipped: Warehouse, target_id: str) -> Decimal:
    [(value,)] = shipped.rows(
        "select actual_value from marts.document_indicator"
        f" where document_key = 'dazhou_yilaoyixiao' and target_id = '{target_id}' and period = '2020'"
    )
    return Decimal(str(value))


@pytest.mark.parametrize(("target_id", "printed", "per"), COUNTS + SHARES)
def test_counts_and_shares_round_to_the_printed_digits(
    shipped: Warehouse, target_id: str, printed: str, per: int
) -> None:
    value = computed(shipped, target_id) / per
    assert value.quantize(Decimal(printed), ROUND_HALF_UP) == Decimal(printed)
    assert value != Decimal(printed), "a census counts single persons; the printed figure itself was put in"


@pytest.mark.parametrize(("target_id", "printed"), DIFFERENCES)
def test_gaps_and_changes_are_the_printed_ones_to_the_digit(shipped: Warehouse, target_id: str, printed: str) -> None:
    assert computed(shipped, target_id) == Decimal(printed)


def test_the_gap_subtracts_rounded_shares(shipped: Warehouse) -> None:
    shares = dict(
        shipped.rows(
            "select region_code, numerator * 100.0 / denominator from marts.indicator_value where period = '2020'"
            " and indicator_key = 'population_60plus_share' and variant = 'default'"
            " and region_code in ('510000', '511700')"
        )
    )
    gap = Decimal(str(shares["511700"])) - Decimal(str(shares["510000"]))
    assert gap.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal("0.66")
    assert computed(shipped, "DAZHOU-TX-23") == Decimal("0.65")


@pytest.mark.parametrize(("ages", "printed"), SHARES_2010.items())
def test_the_shares_of_2010(shipped: Warehouse, ages: str, printed: str) -> None:
    [(people, residents)] = shipped.rows(
        f"select sum(population) filter (where {ages}), sum(population) from marts.population"
        " where region_code = '511700' and period = '2010' and basis = 'resident'"
    )
    assert residents == RESIDENTS_2010
    share = Decimal(int(people)) * 100 / Decimal(int(residents))
    assert share.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(printed)


def test_every_county_but_tongchuan_is_above_twenty_percent(shipped: Warehouse) -> None:
    """“除通川区外，其余县(市、区)60岁及以上老年人口比重均超过20%”: all six of them."""
    counties = dict(
        shipped.rows(
            "select region_name, value from marts.indicator_value where period = '2020' and region_code like '5117%'"
            " and region_level = 'county' and indicator_key = 'population_60plus_share' and variant = 'default'"
        )
    )
    assert counties["通川区"] < 20
    assert min(counties[name] for name in OTHERS) > 20
    # the row's figure is the least of the six: the one that the printed limit speaks of
    [(least, met, known)] = shipped.rows(
        "select actual_value, units_met, units_known from marts.document_indicator"
        " where document_key = 'dazhou_yilaoyixiao' and target_id = 'DAZHOU-TX-29' and period = '2020'"
    )
    assert (least, met, known) == (min(counties[name] for name in OTHERS), 6, 6)
