"""养老机构与设施名册: one facility."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, as_written, choice, code, col, count, day, flag, parent_of, quantity, region, rule, text


class ElderlyFacilities(Delivery):
    """one facility."""

    source = "elderly_facilities"
    title_zh = "养老机构与设施名册"
    grain = "one facility"
    period_form = "month"
    supplier_department = "民政局"

    facility_id = code("设施编码", "机构编码", "机构代码", "设施编号", key=True, note="长期不变，全省唯一")
    facility_name = text("机构名称", "设施名称", "养老机构名称", "名称", required=True)
    uscc = code("统一社会信用代码", "社会信用代码", note="一个法人可有多处设施，不作主键")

    @rule("18位", action="flag")
    def uscc_shape(cls) -> Expr:
        return col("uscc").str.len_chars() == 18

    county_code = region(
        "所在县级区划代码",
        "县区代码",
        "区县代码",
        "区划代码",
        required=True,
        level="county",
        note="单独报送的功能区填功能区代码",
    )
    town_code = region(
        "所在乡镇代码", "乡镇街道代码", "乡级区划代码", "所属乡镇代码", "乡镇代码", required=True, note="9位"
    )

    @rule("乡级属于县级")
    def town_in_county(cls) -> Expr:
        return parent_of("town_code") == col("county_code")

    community_code = region("所在村社区代码", "社区代码", "村级区划代码", note="12位")
    urban_rural = choice(
        "城乡属性",
        "城乡分类",
        required=True,
        values={"城市": "city", "城区": "city", "镇区": "town", "乡村": "rural", "农村": "rural"},
        note="设施所在地，不看服务对象",
    )
    facility_type = choice(
        "机构类型",
        "设施类型",
        "类型",
        required=True,
        values={
            "社会福利院": "welfare_home",
            "敬老院": "tekun_home",
            "特困人员供养服务机构": "tekun_home",
            "县级特困人员供养服务设施": "county_tekun_home",
            "养护院": "county_tekun_home",
            "区域养老服务中心": "regional_centre",
            "区域性养老服务中心": "regional_centre",
            "养老院": "nursing_home",
            "老年公寓": "nursing_home",
            "护理院": "nursing_home",
            "嵌入式养老机构": "embedded_home",
            "光荣院": "veterans_home",
            "社区养老服务综合体": "community_complex",
            "街道综合养老服务设施": "community_complex",
            "街道养老服务中心": "community_complex",
            "社区日间照料中心": "daycare_centre",
            "社区养老服务站": "community_station",
            "农村幸福院": "rural_mutual_home",
            "农村互助幸福院": "rural_mutual_home",
            "村级互助养老服务点": "rural_mutual_home",
            "失能特困人员集中照护点": "disabled_tekun_site",
            "家庭养老床位": "home_bed_programme",
            "老年助餐点": "meal_point",
        },
    )
    ownership = choice(
        "所有制性质",
        "产权性质",
        "机构性质",
        "举办主体",
        required=True,
        values={
            "公办": "government",
            "政府": "government",
            "公办公营": "government",
            "公建民营": "government",
            "国有企业": "soe",
            "集体": "collective",
            "民办": "private",
            "社会办": "private",
            "民办公助": "private",
        },
        note="产权归谁；公建民营计为政府所有、非政府运营",
    )
    operator_kind = choice(
        "运营主体性质",
        "运营方性质",
        "运营主体",
        required=True,
        values={
            "政府": "government",
            "事业单位": "government",
            "乡镇政府": "government",
            "国有企业": "soe",
            "企业": "enterprise",
            "民营企业": "enterprise",
            "社会服务机构": "npo",
            "民办非企业单位": "npo",
            "社会组织": "npo",
            "个体工商户": "individual",
            "村集体": "collective",
        },
        note="由谁运营",
    )

    @rule("原文“公建民营”时运营方不得为政府")
    def publicly_built_private_run(cls) -> Expr:
        return ~((col("ownership_raw") == "公建民营") & (col("operator_kind") == "government"))

    ownership_raw = as_written("所有制性质原文", "ownership", note="填报原文")
    operator_name = text("运营单位名称", "运营方名称")
    inclusive = flag("是否普惠", "普惠性", required=True, note="经县级认定")
    beds = count(
        "床位数",
        "总床位数",
        "养老床位数",
        "核定床位",
        required=True,
        unit="张",
        most=5_000,
        note="建成可用，不含规划；0是真实的零",
    )
    nursing_beds = count("护理型床位数", "护理床位数", required=True, unit="张", most=5_000)

    @rule("护理型床位不超过床位数")
    def nursing_le_beds(cls) -> Expr:
        return col("nursing_beds") <= col("beds")

    safety_net_beds = count("公益性兜底床位数", "兜底保障床位数", unit="张", most=5_000)

    @rule("兜底床位不超过床位数")
    def safety_net_le_beds(cls) -> Expr:
        return col("safety_net_beds") <= col("beds")

    safety_net_beds_ok = count(
        "达标兜底床位数", "兜底床位达标数", unit="张", most=5_000, note="标准由报送单位在注中写明"
    )

    @rule("达标数不超过兜底床位数")
    def safety_net_ok_le(cls) -> Expr:
        return col("safety_net_beds_ok") <= col("safety_net_beds")

    residents = count(
        "在院老年人数", "入住老年人数", "入住人数", unit="人", most=6_000, note="月末在院过夜的60岁及以上老年人"
    )

    @rule("入住人数不超过床位数", action="flag")
    def residents_le_beds(cls) -> Expr:
        return col("residents") <= col("beds")

    disabled_residents = count("失能老年人数", "入住失能老年人数", unit="人", most=6_000)

    @rule("失能不超过入住")
    def disabled_le_residents(cls) -> Expr:
        return col("disabled_residents") <= col("residents")

    local_residents = count("本区户籍入住人数", "本地户籍老年人数", unit="人", most=6_000, note="户籍在所在县")

    @rule("本区户籍不超过入住")
    def local_le_residents(cls) -> Expr:
        return col("local_residents") <= col("residents")

    star_grade = choice(
        "等级评定",
        "星级",
        "评定等级",
        values={
            "未评定": "none",
            "无": "none",
            "一星级": "star1",
            "二星级": "star2",
            "三星级": "star3",
            "四星级": "star4",
            "五星级": "star5",
            "1": "star1",
            "2": "star2",
            "3": "star3",
            "4": "star4",
            "5": "star5",
        },
        blank="none",
        note="空白 = 未评定",
    )
    medical_contract = flag("是否与医疗机构签约", "医疗签约")
    in_house_clinic = flag("是否内设医疗机构", "内设医疗机构")
    comprehensive_functions = flag("是否具备综合功能", "综合服务功能", note="集供养、托养、社区照料于一体")
    standardised = flag("是否标准化", "标准化区域中心", note="标准化区域养老服务中心")
    disabled_tekun_focus = flag("是否以失能特困照护为主", "失能特困照护为主")
    meets_basic_standard = flag("是否达到基本规范国家标准", "达到基本规范", note="《养老机构服务质量基本规范》")
    quality_status = choice(
        "质量整治情况", "整治状态", values={"合格": "qualified", "不合格": "substandard", "已整治": "rectified"}
    )
    fire_rectification = choice(
        "消防整改情况",
        "消防整改",
        values={
            "无需整改": "not_needed",
            "不具备改造条件": "infeasible",
            "待整改": "pending",
            "整改中": "pending",
            "已整改": "done",
        },
    )
    adapted_beds = count("适老化改造床位数", "已改造床位数", unit="张", most=5_000)

    @rule("改造床位不超过床位数")
    def adapted_le_beds(cls) -> Expr:
        return col("adapted_beds") <= col("beds")

    demo_medical_care = flag("是否示范性医养结合机构", "示范医养结合")
    staff = count("工作人员数", "从业人员数", "职工人数", unit="人", most=5_000)
    care_workers = count("养老护理员数", "护理员人数", unit="人", most=5_000)

    @rule("护理员不超过工作人员")
    def carers_le_staff(cls) -> Expr:
        return col("care_workers") <= col("staff")

    trained_care_workers = count("岗前培训合格护理员数", "已岗前培训人数", unit="人", most=5_000)

    @rule("已培训不超过护理员")
    def trained_le_carers(cls) -> Expr:
        return col("trained_care_workers") <= col("care_workers")

    social_workers = count("社会工作者数", "社工人数", unit="人", most=5_000)

    @rule("社工不超过工作人员")
    def social_le_staff(cls) -> Expr:
        return col("social_workers") <= col("staff")

    floor_area = quantity("建筑面积", unit="平方米", least=0, most=1_000_000)
    land_area = quantity("占地面积", "用地面积", unit="平方米", least=0, most=5_000_000)
    monthly_fee = quantity(
        "月收费标准",
        "月均收费",
        unit="元/月",
        least=0,
        most=100_000,
        note="能力完好老人标准双人间：床位、基本照料、餐费合计，月末挂牌价",
    )
    opened_on = day("投入运营日期", "开业日期", "成立日期", note="空白 = 报告期以前")
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

    longitude = quantity("经度", unit="度", least=73, most=136, note="GCJ-02 或 CGCS2000，在注中写明")
    latitude = quantity("纬度", unit="度", least=3, most=54)
