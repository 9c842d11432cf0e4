"""补贴发放台账: one payment, to a facility or to a person."""

from __future__ import annotations

import csv

from polars import Expr

from pipelines.contracts import SEEDS
from pipelines.settings import Settings

from .delivery import Delivery, choice, code, col, day, identifier, quantity, region, rule


def programmes() -> list[str]:
    """Codes of the programmes that money may be paid under, from the seed that the warehouse reads too."""
    with Settings.from_environment().seed(SEEDS["subsidy_ledger"]).open(encoding="utf-8", newline="") as lines:
        return [row["programme_code"] for row in csv.DictReader(lines)]


class SubsidyLedger(Delivery):
    """one payment."""

    source = "subsidy_ledger"
    title_zh = "补贴发放台账"
    grain = "one payment"
    period_form = "month"
    supplier_department = "民政局/卫生健康委/财政局"

    payment_id = code("发放流水号", "凭证号", "流水号", key=True)
    programme_code = code("补贴项目代码", "项目代码", required=True, note="见 reference.subsidy_programme")

    @rule("在补贴项目表中")
    def known_programme(cls) -> Expr:
        return col("programme_code").is_in(programmes())

    county_code = region("发放县级区划代码", "县区代码", "区划代码", required=True, level="county")
    payee_kind = choice("发放对象类型", "对象类型", required=True, values={"机构": "facility", "个人": "person"})

    @rule("机构须填机构编码，个人须填证件号")
    def payee_present(cls) -> Expr:
        to_facility = (col("payee_kind") == "facility") & col("facility_id").is_not_null()
        return to_facility | ((col("payee_kind") == "person") & col("person_id").is_not_null())

    facility_id = code(
        "机构编码",
        "设施编码",
        references=("elderly_facilities", "childcare_facilities"),
        note="须在当月养老机构或托育机构名册中，或在当年此前最近一期名册中",
    )
    person_id = identifier("身份证号", "证件号码", citizen_number=True, note="入库即加密散列，原值不保存")
    base_quantity = quantity(
        "计发数量",
        "补贴数量",
        least=0,
        most=100_000,
        more_units=("人月", "床", "床位", "名"),
        note="床位、托位、人月；一次性定额为 1",
    )
    unit_amount = quantity("补贴标准", "单价", unit="元", least=0, most=10_000_000)
    amount = quantity(
        "发放金额",
        "金额",
        required=True,
        unit="元",
        least=-100_000_000,
        most=100_000_000,
        note="追回为负；表头或单元格写万元的折算为元",
    )

    @rule("金额=数量×标准", action="flag")
    def amount_is_product(cls) -> Expr:
        return (col("amount") - col("base_quantity") * col("unit_amount")).abs() < 0.005

    service_month = code("补贴所属月份", "所属期", note="YYYY-MM：补贴所属的月份，不是发放的月份")

    @rule("所属月份须写作YYYY-MM")
    def service_month_shape(cls) -> Expr:
        return col("service_month").str.contains(r"^\d{4}-(0[1-9]|1[0-2])$")

    paid_on = day("发放日期", "支付日期")
    payment_status = choice(
        "发放状态",
        "状态",
        required=True,
        values={"已发放": "paid", "已审批": "approved", "退回": "returned", "追回": "recovered"},
        note="退回、追回从已发放金额中扣减；已审批尚未发放，不计入",
    )
