"""社区(村)台账: one community or village."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, col, count, flag, parent_of, region, rule, text


class Communities(Delivery):
    """one community or village."""

    source = "communities"
    title_zh = "社区(村)台账"
    grain = "one community or village"
    period_form = "year"
    supplier_department = "民政局(街道、乡镇汇总)"

    community_code = region("社区代码", "村社区代码", "村级区划代码", key=True, note="12位")
    community_name = text("社区名称", "村社区名称", "名称", required=True)
    town_code = region("所属乡镇代码", "乡镇街道代码", "乡级区划代码", "所在乡镇代码", "乡镇代码", required=True)

    @rule("村级属于乡级")
    def community_in_town(cls) -> Expr:
        return parent_of("community_code") == col("town_code")

    county_code = region("所属县级区划代码", "县区代码", "区划代码", required=True, level="county")

    @rule("乡级属于县级")
    def town_in_county(cls) -> Expr:
        return parent_of("town_code") == col("county_code")

    community_type = choice(
        "社区类型",
        "类型",
        required=True,
        values={
            "城市社区": "urban_community",
            "城市居委会": "urban_community",
            "镇社区": "town_community",
            "镇居委会": "town_community",
            "村": "village",
            "行政村": "village",
            "村委会": "village",
        },
        note="城镇社区 = 城市社区 + 镇社区",
    )
    households = count("户数", "常住户数", unit="户", most=200_000)
    population = count("常住人口", "人口数", unit="人", most=500_000, note="年末常住")
    elderly_60 = count("60岁以上老年人数", "老年人口数", unit="人", most=200_000)

    @rule("老年人不超过人口")
    def elderly_le_population(cls) -> Expr:
        return col("elderly_60") <= col("population")

    disabled_elders = count("失能老年人数", unit="人", most=200_000)

    @rule("失能不超过老年人")
    def disabled_le_elderly(cls) -> Expr:
        return col("disabled_elders") <= col("elderly_60")

    disabled_elders_supported = count("接受帮扶失能老年人数", "失能帮扶人数", unit="人", most=200_000)

    @rule("帮扶不超过失能")
    def supported_le_disabled(cls) -> Expr:
        return col("disabled_elders_supported") <= col("disabled_elders")

    eldercare_places = count("养老服务场所数", "养老服务场所", unit="处", most=200)
    has_daycare = flag("是否有日间照料机构", "日间照料", required=True)
    has_home_service = flag(
        "居家社区养老服务是否覆盖", "居家养老服务覆盖", required=True, note="服务能到达居民，不论机构设在何处"
    )
    has_home_institution = flag(
        "是否有居家社区养老服务机构", "居家养老服务机构", required=True, note="设在社区内或签约服务本社区"
    )
    svc_meal = flag("助餐服务", "助餐", required=True)
    svc_cleaning = flag("助洁服务", "助洁", required=True)
    svc_bathing = flag("助浴服务", "助浴", required=True)
    svc_mobility = flag("助行服务", "助行", required=True)
    has_emergency_rescue = flag("紧急救援系统是否覆盖", "紧急救援系统", required=True)
    has_visit_system = flag("是否建立探访制度", "探访制度", required=True)
    three_society_linkage = flag("是否建立三社联动机制", "三社联动", required=True)
    facility_compliant = flag("养老服务设施配建是否达标", "配建达标", note="不适用 = 无配建标准，不计入分子分母")
    visiting_officers = count("巡访专员人数", "探访员人数", unit="人", most=500)
    rural_mutual_demo = flag("是否农村互助养老示范点", blank=False, note="空白 = 否")
    home_visit_demo = flag("是否居家上门服务示范点", blank=False, note="空白 = 否")
    age_friendly_demo = flag("是否全国示范性老年友好型社区", blank=False, note="空白 = 否")
