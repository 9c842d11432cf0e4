"""特殊困难老年人探访关爱记录: one listed person in one month."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, col, count, day, identifier, parent_of, period_end, period_start, region, rule


class CareContacts(Delivery):
    """one listed person in one month."""

    source = "care_contacts"
    title_zh = "特殊困难老年人探访关爱记录"
    grain = "one listed person in one month"
    period_form = "month"
    supplier_department = "民政局(村、社区)"
    key_per_supplier = True

    person_id = identifier(
        "身份证号",
        "公民身份号码",
        "证件号码",
        "身份证号码",
        key=True,
        citizen_number=True,
        note="入库即加密散列，与救助名册同一密钥",
    )
    person_name = identifier("姓名", kept=False, note="入库时舍弃")
    county_code = region("所属县级区划代码", "县区代码", "区划代码", required=True, level="county")
    town_code = region("所属乡镇代码", "乡镇街道代码", "所在乡镇代码", "乡镇代码", required=True)

    @rule("乡级属于县级")
    def town_in_county(cls) -> Expr:
        return parent_of("town_code") == col("county_code")

    community_code = region("村社区代码", "社区代码")
    primary_kind = choice(
        "特殊困难类别",
        "人员类别",
        required=True,
        values={
            "独居": "living_alone",
            "空巢": "empty_nest",
            "留守": "left_behind",
            "失能": "disabled",
            "重残": "severely_handicapped",
            "计划生育特殊家庭": "family_planning_special",
            "其他": "other",
        },
        pii="sensitive",
        first_of_several=True,
        note="只取一个主要类别；几类并写取第一个",
    )
    contacts = count(
        "本月探访次数", "探访次数", unit="次", most=200, note="每人每月一行，未探访也要列；空白计入分母、不计入分子"
    )
    contact_mode = choice(
        "探访方式",
        values={"上门": "home", "电话": "phone", "微信": "online", "视频": "online", "其他": "other"},
        note="各种方式均计",
    )
    last_contact_on = day("最近探访日期", "探访日期")

    @rule("探访日期在本月内", action="flag")
    def contact_in_month(cls) -> Expr:
        return col("last_contact_on").is_between(period_start(), period_end())
