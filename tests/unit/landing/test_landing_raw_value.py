"""Quarantine shows the text of the file, never the value or the code that was made of it."""

import pytest

FACILITIES = (
    "设施编码,机构名称,县区代码,乡镇街道代码,城乡属性,机构类型,所有制性质,运营主体,是否普惠,床位数,护理型床位数,状态"
)
ITEMS = "区划代码,指标代码,数值,单位"


def facility(county="511702", town="511702001", beds="20", nursing="5", name="一院", owner="公办", by="企业"):
    return f"F001,{name},{county},{town},城市,养老院,{owner},{by},是,{beds},{nursing},运营"


def refused(world, row):
    world.table("elderly_facilities/2024-03/511702.csv", FACILITIES, row)
    ((_, reason, _, column, raw),) = world.refused(world.whole(world.land("elderly_facilities")))
    return reason, column, raw


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (facility(county="511721", town="511703001"), ("out_of_jurisdiction", "county_code", "511721")),
        (facility(county="511703000000", town="511703001"), ("out_of_jurisdiction", "county_code", "511703000000")),
        (facility(town="511703001000"), ("rule:town_in_county", "town_code", "511703001000")),
        (facility(beds=" ２０张", nursing="２1 张"), ("rule:nursing_le_beds", "nursing_beds", "２1 张")),
        (facility(owner="公建民营", by="政府"), ("rule:publicly_built_private_run", "operator_kind", "政府")),
    ],
)
def test_the_text_of_the_file(world, row, expected):
    assert refused(world, row) == expected


@pytest.mark.parametrize("blank", ["", "  ", "\u3000"])
@pytest.mark.parametrize("field", ["county", "town", "beds", "name", "owner"])
def test_an_empty_cell_of_any_type_has_none(world, field, blank):
    reason, _, raw = refused(world, facility(**{field: blank}))
    assert (reason, raw) == ("missing_required", None)


def test_a_word_for_missing_is_text(world):
    assert refused(world, facility(beds="—")) == ("missing_required", "beds", "—")


def test_a_filled_cell_is_empty_all_the_same(world):
    header = "区划代码,区划名称,级别,上级区划代码,{}是否国标代码,是否单独报送,生效日期,失效日期"
    row = "511799,某区,县级,511700,{}是,否,1999-01-01,"
    for filled, cell in (("县级类型,", ","), ("", "")):
        world.table("regions/2023-12-31/511700.csv", header.format(filled), row.format(cell))
        assert world.refused(world.land("regions")) == [
            (2, "rule:county_kind_present", "rule:county_kind_present", "county_kind", None)
        ]


def test_numbers_and_units_before_conversion(world):
    world.table(
        "agency_returns/2024/511700.csv", ITEMS,
        "511702,pension_insured,1.5,万元", "511702000000,nothing,1,人", "511702,nursing_staff_trained,5%,人",
        "511702,nursing_staff_trained,-1.50万,人",
    )  # fmt: skip
    assert [(row[1], *row[3:]) for row in world.refused(world.whole(world.land("agency_returns")))] == [
        ("rule:unit_matches", "unit", "万元"),
        ("rule:known_item", "item_code", "nothing"),
        ("bad_type", "value", "5%"),
        ("out_of_range", "value", "-1.50万"),
    ]


def test_a_repeated_key_shows_the_code_as_written(world):
    world.table(
        "agency_returns/2024/511700.csv", ITEMS, "511703,pension_insured,1,人", "511721,pension_insured,1,人"
    )  # fmt: skip
    assert world.refused(world.land("agency_returns")) == [
        (3, "duplicate_key", "duplicate_key", "region_code", "511721")
    ]
