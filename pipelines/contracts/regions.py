"""行政区划与功能区名录: one region code and validity interval."""

from __future__ import annotations

import polars as pl
from polars import Expr

from .delivery import Delivery, choice, code, col, day, flag, rule, text


class Regions(Delivery):
    """one region code and validity interval."""

    source = "regions"
    title_zh = "行政区划与功能区名录"
    grain = "one region code and validity interval"
    period_form = "snapshot"
    supplier_department = "统计局/民政厅(区划)"
    checks_regions = False

    region_code = code(
        "区划代码",
        "行政区划代码",
        "统计用区划代码",
        "地区代码",
        key=True,
        note="000000 = 全国；无国标代码的功能区第5、6位为71–79，如511771",
    )

    @rule("6位(国家/省/地/县)、9位(乡)或12位(村)数字")
    def code_shape(cls) -> Expr:
        return col("region_code").str.contains(r"^(\d{6}|\d{9}|\d{12})$")

    region_name = text("区划名称", "地区名称", "行政区划名称", "地区", "名称", required=True)
    level = choice(
        "级别",
        "行政级别",
        "层级",
        required=True,
        values={
            "全国": "nation",
            "省级": "province",
            "地级": "prefecture",
            "县级": "county",
            "乡级": "town",
            "村级": "village",
        },
        note="市辖区、县、省直辖等占位代码（500100、419000……）不是地区",
    )

    @rule("级别与代码位数一致")
    def level_matches_code(cls) -> Expr:
        return col("region_code").str.len_chars() == (
            pl.when(col("level") == "town").then(9).when(col("level") == "village").then(12).otherwise(6)
        )

    parent_code = code("上级区划代码", "上级代码", required=True, note="如实填写，不由代码位数推断；000000填000000")
    county_kind = choice(
        "县级类型",
        "区县类型",
        values={
            "市辖区": "urban_district",
            "县": "county",
            "县级市": "county_city",
            "自治县": "autonomous_county",
            "旗": "banner",
            "特区": "special_district",
            "林区": "forest_district",
            "功能区": "zone",
            "不适用": "na",
        },
        blank="na",
        note="空白 = 不适用；高新区、经开区 = 功能区",
    )

    @rule("县级必填")
    def county_kind_present(cls) -> Expr:
        return (col("level") != "county") | (col("county_kind") != "na")

    town_kind = choice(
        "乡级类型",
        "乡镇类型",
        values={
            "街道": "subdistrict",
            "镇": "town",
            "乡": "township",
            "民族乡": "ethnic_township",
            "苏木": "sumu",
            "功能区": "zone",
            "不适用": "na",
        },
        blank="na",
        note="空白 = 不适用",
    )

    @rule("乡级必填")
    def town_kind_present(cls) -> Expr:
        return (col("level") != "town") | (col("town_kind") != "na")

    urban_rural = choice(
        "城乡分类",
        "城乡属性",
        values={
            "城市": "city",
            "城区": "city",
            "镇区": "town",
            "乡村": "rural",
            "111": "city",
            "112": "city",
            "121": "town",
            "122": "town",
            "123": "town",
            "210": "rural",
            "220": "rural",
        },
        note="可填统计用城乡分类代码；只要求村级",
    )
    gbt2260 = flag("是否国标代码", "国标代码", required=True, note="功能区为否")
    reports_separately = flag("是否单独报送", "单独报送", required=True, note="是 = 单独报送，且不含在所在县的数字中")
    valid_from = day("生效日期", "启用日期", key=True, note="含当日")
    valid_to = day("失效日期", "停用日期", note="当日起不再有效；空白 = 仍有效")

    @rule("失效日期晚于生效日期")
    def valid_order(cls) -> Expr:
        return col("valid_to") > col("valid_from")

    successor_code = text("后继代码", "变更后代码", note="多个用“;”隔开；一个则自动对应，多个则只带此代码的行无法归属")
