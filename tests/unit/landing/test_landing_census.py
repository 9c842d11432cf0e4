"""Rows of the census yearbook that are no divisions (七普 2020, retyped): a zone, a zone without code, stand-ins."""

import polars as pl
import pytest

HEADER = ["区划代码", "省", "市", "区县", "人口数_合计", "男_0到59岁", "男_60岁以上", "女_0到59岁", "女_60岁以上"]
PREFECTURE = ["511700", "四川省", "达州市", "达州市", 5_385_422, 2_172_983, 596_861, 2_008_028, 607_550]
COUNTY = ["511702", "四川省", "达州市", "通川区", 905_678, 371_414, 83_543, 367_125, 83_596]
ZONE = ["511771", "四川省", "达州市", "达州经济开发区", 45_463, 19_231, 4_839, 16_179, 5_214]
STAND_IN = ["500100", "重庆市", "重庆市", "市辖区", 25_379_469, 10_094_772, 2_696_018, 9_800_421, 2_788_258]
REGISTERED = "511771,达州经济开发区,县级,511700,功能区,,,否,否,2011-01-01,,\n"
YEARBOOK = "population/2020/000000.xlsx"


def people(world, result):
    """Region → persons landed."""
    return dict(world.landed(result).group_by("region_code").agg(pl.col("population").sum()).rows())


def test_a_registered_zone_has_its_own_row_and_its_prefecture_keeps_its_own(world):
    register = world.raw / "regions/2023-12-31/000000.csv"
    register.write_text(register.read_text() + REGISTERED)
    world.sheet(YEARBOOK, [HEADER, PREFECTURE, COUNTY, ZONE])
    result = world.whole(world.land("population"))
    assert result.quarantine.is_empty()
    assert people(world, result) == {"511700": 5_385_422, "511702": 905_678, "511771": 45_463}


@pytest.mark.parametrize("code", ["NA", "N/A", "", None])
def test_a_zone_without_code_is_refused_as_unknown_and_never_dropped(world, code):
    world.sheet(YEARBOOK, [HEADER, PREFECTURE, [code, *ZONE[1:]], COUNTY, STAND_IN])
    result = world.whole(world.land("population"))
    assert people(world, result) == {"511700": 5_385_422, "511702": 905_678}
    assert [row[:4] for row in world.refused(result)] == [
        (3, "unknown_region", "unknown_region", "region_code"),
        (5, "unknown_region", "unknown_region", "region_code"),
    ]
    assert result.reconciliation.select("delivered", "landed", "quarantined").row(0) == (4, 2, 2)


def test_two_zones_without_code_are_two_refused_rows(world):
    """Not duplicates of one another: neither can be told by its key."""
    world.sheet(YEARBOOK, [HEADER, COUNTY, ["NA", *ZONE[1:]], ["NA", *STAND_IN[1:]]])
    result = world.whole(world.land("population"))
    reasons = [row[:3] for row in world.refused(result)]
    assert reasons == [(3, "unknown_region", "unknown_region"), (4, "unknown_region", "unknown_region")]


def test_a_missing_figure_of_the_yearbook_is_no_zero(world):
    """NA in a band: the region's table has a gap, so none of it lands."""
    world.sheet(YEARBOOK, [HEADER, COUNTY, [*ZONE[:5], "NA", *ZONE[6:]], PREFECTURE])
    result = world.whole(world.land("population"))
    assert people(world, result) == {"511700": 5_385_422, "511702": 905_678}
    assert [row[0] for row in world.refused(result)] == [3]
