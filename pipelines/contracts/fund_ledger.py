"""资金收支台账: one entry of one government."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, code, col, day, flag, quantity, region, rule

LOTTERIES = ("welfare_lottery", "sports_lottery")


def not_of_lottery() -> Expr:
    """Only lottery money is allotted to 社会福利事业 and retained at a level; an unread source asks neither."""
    return ~col("fund_source").is_in(LOTTERIES).fill_null(False)


class FundLedger(Delivery):
    """one entry of one government."""

    source = "fund_ledger"
    title_zh = "资金收支台账"
    grain = "one entry of one government"
    period_form = "year"
    supplier_department = "财政局/民政局"

    entry_id = code("记录编号", "序号", "凭证号", key=True)
    region_code = region(
        "资金所属区划代码",
        "区划代码",
        key=True,
        note="资金属于哪一级政府：省、市或区县；一省的数 = 本级 + 所属各级政府",
    )
    fund_source = choice(
        "资金来源",
        "资金性质",
        required=True,
        values={
            "福彩公益金": "welfare_lottery",
            "福利彩票公益金": "welfare_lottery",
            "体彩公益金": "sports_lottery",
            "一般公共预算": "general_budget",
            "中央预算内投资": "central_investment",
            "专项债券": "special_bond",
            "社会资本": "social_capital",
            "其他": "other",
        },
    )
    social_welfare_use = flag(
        "是否用于社会福利事业",
        "社会福利事业",
        required=True,
        not_applicable_if=not_of_lottery,
        note="彩票公益金中安排用于社会福利事业的部分；非彩票资金可填不适用",
    )
    retained_level = choice(
        "留存级次",
        "留存级别",
        values={
            "中央": "nation",
            "省级": "province",
            "市级": "prefecture",
            "区县": "county",
            "区县留存": "county",
            "不适用": "na",
        },
    )

    @rule("彩票公益金须填留存级次")
    def lottery_has_level(cls) -> Expr:
        levels = ("nation", "province", "prefecture", "county")
        return not_of_lottery() | col("retained_level").is_in(levels).fill_null(False)

    direction = choice(
        "收支类型",
        "收支方向",
        required=True,
        values={
            "收入": "income",
            "留存": "income",
            "预算安排": "budget",
            "年度预算": "budget",
            "支出": "expenditure",
            "结转": "carry_over",
        },
    )
    purpose = choice(
        "用途",
        "支出用途",
        values={
            "养老服务设施建设": "elder_construction",
            "养老运营补贴": "elder_operation",
            "政府购买社区居家养老服务": "elder_purchase",
            "养老人才培训": "elder_training",
            "其他养老服务": "elder_other",
            "养老发展资金": "elder_other",
            "托育服务": "childcare",
            "托育发展资金": "childcare",
            "其他社会福利": "other_welfare",
            "其他": "other",
            "不适用": "na",
        },
    )

    @rule("支出和预算须填用途")
    def purpose_present(cls) -> Expr:
        return ~col("direction").is_in(["expenditure", "budget"]) | (col("purpose") != "na").fill_null(False)

    amount = quantity(
        "金额",
        required=True,
        unit="元",
        least=-100_000_000_000,
        most=100_000_000_000,
        note="表头或单元格写万元的折算为元",
    )
    booked_on = day("记账日期", "日期")
