"""特困等救助人员名册: one person."""

from __future__ import annotations

import polars as pl
from polars import Expr

from .delivery import Delivery, choice, code, col, day, flag, identifier, parent_of, region, rule


def unless_not_covered() -> Expr:
    """Someone on the roster is eligible; of those only assessed (未纳入), nothing is known."""
    return pl.when(col("assistance_kind") != "none").then(True)


def if_centralised() -> Expr:
    """Who lives in a home under 集中供养 wanted to; of the others nothing is known."""
    return pl.when(col("support_mode") == "centralised").then(True)


class AssistanceRoster(Delivery):
    """one person."""

    source = "assistance_roster"
    title_zh = "特困等救助人员名册"
    grain = "one person"
    period_form = "month"
    supplier_department = "民政局(社会救助)"
    key_per_supplier = True

    person_id = identifier(
        "身份证号",
        "公民身份号码",
        "证件号码",
        "身份证号码",
        key=True,
        citizen_number=True,
        note="入库即加密散列，原值不保存",
    )
    person_name = identifier("姓名", kept=False, note="入库时舍弃")
    sex = choice("性别", values={"男": "male", "女": "female"}, pii="sensitive")
    birth_date = day(
        "出生日期", "出生年月", required=True, pii="sensitive", month_only=True, note="只保存到出生年月（当月第一天）"
    )
    household_id = identifier("家庭编号", "户编号", "低保证号", note="加密散列；空白 = 一人户")
    county_code = region("所属县级区划代码", "县区代码", "区划代码", required=True, level="county", note="支付救助的县")
    town_code = region("所属乡镇代码", "乡镇街道代码", "所在乡镇代码", "乡镇代码")

    @rule("乡级属于县级")
    def town_in_county(cls) -> Expr:
        return parent_of("town_code") == col("county_code")

    assistance_kind = choice(
        "救助类别",
        "保障类别",
        required=True,
        values={
            "特困": "tekun",
            "特困人员": "tekun",
            "低保": "dibao",
            "最低生活保障": "dibao",
            "低保边缘": "dibao_marginal",
            "其他兜底": "other_safety_net",
            "未纳入": "none",
        },
        pii="sensitive",
        note="未纳入 = 已评估符合或正在申请，尚未纳入",
    )
    eligible = flag(
        "是否符合条件", "符合救助条件", pii="sensitive", blank=unless_not_covered, note="空白 = 是，未纳入者除外"
    )
    self_care = choice(
        "生活自理能力",
        "自理能力",
        required=True,
        values={
            "具备": "able",
            "全自理": "able",
            "部分丧失": "partial_loss",
            "半护理": "partial_loss",
            "完全丧失": "total_loss",
            "全护理": "total_loss",
        },
        pii="sensitive",
    )
    disability = flag("是否残疾", "残疾", pii="sensitive")
    support_mode = choice(
        "供养方式",
        values={
            "集中": "centralised",
            "集中供养": "centralised",
            "分散": "dispersed",
            "分散供养": "dispersed",
            "不适用": "na",
        },
    )

    @rule("特困须填供养方式")
    def tekun_has_mode(cls) -> Expr:
        return (col("assistance_kind") != "tekun") | col("support_mode").fill_null("na").is_in(
            ["centralised", "dispersed"]
        )

    wants_centralised = flag(
        "是否有集中供养意愿", "集中供养意愿", blank=if_centralised, note="空白：集中供养者为是，其余不明"
    )
    facility_id = code(
        "供养机构编码", "入住机构编码", references=("elderly_facilities",), note="须在同月养老机构名册中"
    )

    @rule("集中供养须填机构", action="flag")
    def central_has_facility(cls) -> Expr:
        return (col("support_mode") != "centralised") | col("facility_id").is_not_null()

    basic_service = flag("是否享受基本养老服务", "基本养老服务", blank=False, note="空白 = 否，计入分母")
    home_adapted_on = day("家庭适老化改造完成日期", "适老化改造日期")
    joined_on = day("纳入日期", "审批日期")
    left_on = day("退出日期", "停发日期", incomplete_date="last", note="含死亡")

    @rule("退出不早于纳入")
    def left_after_joined(cls) -> Expr:
        return col("left_on") >= col("joined_on")
