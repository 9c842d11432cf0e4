"""One name, several definitions: both are computed and differ, and each document is judged by its own."""

from typing import NamedTuple

import pytest

from tests.shipped import Warehouse


class Pair(NamedTuple):
    """An indicator in a region under two definitions, each with the printed rows that are judged by it."""

    indicator: str
    region: str
    one: str
    judged_by_one: tuple[str, ...]
    other: str
    judged_by_other: tuple[str, ...]


# rows as document:table:row
PAIRS = [
    # 附件1 names 养老机构, 一 all beds
    Pair("nursing_bed_share", "500113", "default", ("banan_2021_74:annex_1:5",), "service_beds",
         ("banan_2021_74:targets:2",)),
    # 2022 二(五): towns and streets; 2023 12: towns with a 标准化 centre
    Pair("township_regional_eldercare_centre_rate", "520000", "default", ("guizhou_2022_6:targets:13",),
         "townships_standardised", ("guizhou_2023_21:targets:8",)),
    # 2022 二(十四): 福彩公益金; 2023 9: 用于社会福利事业的彩票公益金
    Pair("lottery_fund_eldercare_share", "520000", "welfare_lottery", ("guizhou_2022_6:targets:21",), "default",
         ("guizhou_2023_21:targets:4",)),
    # 2022 二(一): 经济困难的高龄失能老年人; 2023 一: 全体老年人
    Pair("basic_eldercare_service_coverage", "520000", "default", ("guizhou_2022_6:targets:8",), "all_elderly",
         ("guizhou_2023_21:targets:1",)),
    # 表1: 养老服务设施; 五(二): 养老托育服务设施
    Pair("new_residential_facility_compliance_rate", "511700", "default", ("dazhou_yilaoyixiao:table_1:6",), "both",
         ("dazhou_yilaoyixiao:targets:88", "dazhou_yilaoyixiao:targets:89")),
    # Banan (十九): 区县留存部分, beside the fund used for social welfare
    Pair("lottery_fund_eldercare_share", "500113", "district_retained", ("banan_2021_74:targets:19",), "default", ()),
    # 兜底保障对象, wider than 特困
    Pair("willing_tekun_centralised_care_rate", "511700", "safety_net",
         ("dazhou_yilaoyixiao:table_1:4", "dazhou_yilaoyixiao:targets:57"), "default", ()),
]  # fmt: skip
# 2023 11 prints 20 m² for every hundred households, Henan 30: the same areas, another limit
NORM = "eldercare_facility_area_per_100hh_new"


def ids(pair: Pair) -> str:
    return f"{pair.indicator}-{pair.region}"


def figures(shipped: Warehouse, pair: Pair) -> dict[str, dict]:
    stored = shipped.records(
        "select variant, value, numerator, denominator from marts.indicator_value"
        f" where indicator_key = '{pair.indicator}' and region_code = '{pair.region}' and period = '2025'"
    )
    return {row["variant"]: row for row in stored}


@pytest.mark.parametrize("pair", PAIRS, ids=ids)
def test_both_definitions_are_there_and_differ(shipped: Warehouse, pair: Pair) -> None:
    """They count different things; the shares themselves may meet in a year, at 100 %, but not in all."""
    stored = figures(shipped, pair)
    one, other = stored[pair.one], stored[pair.other]
    assert one["value"] is not None
    assert other["value"] is not None
    assert (one["numerator"], one["denominator"]) != (other["numerator"], other["denominator"])
    assert shipped.rows(
        "select one.period from marts.indicator_value as one inner join marts.indicator_value as other"
        " using (indicator_key, region_code, period)"
        f" where indicator_key = '{pair.indicator}' and region_code = '{pair.region}'"
        f" and one.variant = '{pair.one}' and other.variant = '{pair.other}' and one.value <> other.value"
    )


@pytest.mark.parametrize("pair", PAIRS, ids=ids)
def test_each_document_is_judged_by_its_own(shipped: Warehouse, pair: Pair) -> None:
    stored = figures(shipped, pair)
    judged = {row: pair.one for row in pair.judged_by_one} | {row: pair.other for row in pair.judged_by_other}
    assert judged
    for printed, variant in judged.items():
        document, table, row_no = printed.split(":")
        [row] = shipped.records(
            "select variant, actual_value from marts.document_indicator where period = '2025'"
            f" and document_key = '{document}' and table_key = '{table}' and row_no = {row_no}"
        )
        assert row == {"variant": variant, "actual_value": stored[variant]["value"]}


def test_the_norm_of_each_document(shipped: Warehouse) -> None:
    """The least area in a project is one figure; the share of projects that reach it depends on the norm."""
    stored = shipped.records(
        "select document_key, variant, target_value, actual_value, units_met, units_known"
        f" from marts.document_indicator where indicator_key = '{NORM}' and period = '2025'"
    )
    seen = {row["document_key"]: row for row in stored}
    assert {key: (row["variant"], row["target_value"]) for key, row in seen.items()} == {
        "guizhou_2023_21": ("norm20", 20), "henan_2023": ("default", 30), "dazhou_yilaoyixiao": ("default", 30),
    }  # fmt: skip
    [(at_20, at_30)] = shipped.rows(
        "select max(value) filter (where variant = 'norm20'), max(value) filter (where variant = 'default')"
        f" from marts.indicator_value where indicator_key = '{NORM}' and region_code = '520000' and period = '2025'"
    )
    assert at_20 > at_30


@pytest.mark.parametrize("pair", PAIRS[:5], ids=ids)
def test_the_crosswalk_shows_both_definitions(shipped: Warehouse, pair: Pair) -> None:
    stored = dict(
        shipped.rows(
            "select distinct variant, definition from marts.crosswalk"
            f" where indicator_key = '{pair.indicator}' and region_code = '{pair.region}'"
        )
    )
    assert {pair.one, pair.other} <= set(stored)
    assert stored[pair.one] != stored[pair.other]
    assert all(stored.values())
