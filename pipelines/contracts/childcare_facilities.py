"""托育机构名册: one facility (托班 separately)."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, code, col, count, day, flag, parent_of, quantity, region, rule, text


class ChildcareFacilities(Delivery):
    """one facility (托班 separately)."""

    source = "childcare_facilities"
    title_zh = "托育机构名册"
    grain = "one facility (托班 separately)"
    period_form = "month"
    supplier_department = "卫生健康委"

    facility_id = code(
        "机构编码", "托育机构编码", "备案编号", "机构代码", key=True, note="幼儿园托班单列一行、单有编码"
    )
    facility_name = text("机构名称", "托育机构名称", "名称", required=True)
    uscc = code("统一社会信用代码", "社会信用代码")

    @rule("18位", action="flag")
    def uscc_shape(cls) -> Expr:
        return col("uscc").str.len_chars() == 18

    county_code = region("所在县级区划代码", "县区代码", "区县代码", "区划代码", required=True, level="county")
    town_code = region("所在乡镇代码", "乡镇街道代码", "乡级区划代码", "所属乡镇代码", "乡镇代码", required=True)

    @rule("乡级属于县级")
    def town_in_county(cls) -> Expr:
        return parent_of("town_code") == col("county_code")

    community_code = region("所在村社区代码", "社区代码", "村级区划代码", note="空白：计入总数，不计入任何社区的覆盖")
    facility_type = choice(
        "机构类型",
        "类型",
        required=True,
        values={
            "托育机构": "nursery",
            "托育综合服务中心": "nursery",
            "幼儿园托班": "kindergarten_class",
            "托幼一体化幼儿园": "kindergarten_class",
            "社区托育点": "community_point",
            "用人单位托育点": "workplace_point",
            "家庭托育点": "home_point",
            "托育服务指导中心": "guidance_centre",
            "婴幼儿照护服务中心": "guidance_centre",
        },
    )
    ownership = choice(
        "机构性质",
        "举办主体",
        "性质",
        required=True,
        values={
            "公办": "public",
            "公办民营": "public",
            "公建民营": "public",
            "国有企业": "public",
            "民办": "private",
            "社会办": "private",
            "民办公助": "private",
        },
        note="只分两类，公办加民办等于总数",
    )
    inclusive = flag("是否普惠", "普惠性", required=True)
    registered = flag("是否备案", "备案状态", required=True)
    places = count("托位数", "核定托位", required=True, unit="个", most=2_000, note="3岁以下可用托位；幼儿园只计托班")
    enrolled = count("在托人数", "实际收托人数", unit="人", most=2_000)

    @rule("在托不超过托位", action="flag")
    def enrolled_le_places(cls) -> Expr:
        return col("enrolled") <= col("places")

    demo_level = choice(
        "示范级别",
        "示范性机构级别",
        values={"无": "none", "县级": "county", "市级": "prefecture", "省级": "province", "国家级": "nation"},
        blank="none",
        note="空白 = 无",
    )
    demo_recognised_on = day("示范认定日期")
    central_project = flag("是否中央资金支持项目", "中央资金项目")
    central_project_places = count("中央资金支持托位数", unit="个", most=2_000)

    @rule("中央支持托位不超过托位")
    def central_le_places(cls) -> Expr:
        return col("central_project_places") <= col("places")

    leases_state_asset = flag("是否租赁经营性国有资产", note="出租方为国有企业的填否")
    contract_rent = quantity("合同月租金", unit="元/月", least=0, most=10_000_000)
    urban_rural = choice(
        "城乡属性",
        "城乡分类",
        required=True,
        values={"城市": "city", "城区": "city", "镇区": "town", "乡村": "rural", "农村": "rural"},
    )
    staff = count("工作人员数", "从业人员数", unit="人", most=2_000)
    floor_area = quantity("建筑面积", unit="平方米", least=0, most=100_000)
    monthly_fee = quantity("月收费标准", "月均收费", unit="元/月", least=0, most=100_000, note="全日托，不含餐费")
    opened_on = day("投入运营日期", "开业日期", "备案日期", note="空白 = 报告期以前")
    closed_on = day("关停日期", "注销日期", incomplete_date="last")

    @rule("关停不早于开业")
    def closed_after_opened(cls) -> Expr:
        return col("closed_on") >= col("opened_on")

    status = choice(
        "运营状态",
        "状态",
        required=True,
        values={
            "运营": "operating",
            "正常运营": "operating",
            "在营": "operating",
            "筹建": "planned",
            "在建": "planned",
            "暂停": "suspended",
            "停业": "suspended",
            "关闭": "closed",
            "注销": "closed",
        },
    )

    @rule("关闭须填关停日期", action="flag")
    def closed_has_date(cls) -> Expr:
        return (col("status") != "closed") | col("closed_on").is_not_null()

    longitude = quantity("经度", unit="度", least=73, most=136)
    latitude = quantity("纬度", unit="度", least=3, most=54)
