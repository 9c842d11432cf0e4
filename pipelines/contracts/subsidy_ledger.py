"""补贴发放台账: one payment, to a facility or to a person."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from polars import Expr

from pipelines.contracts import SEEDS
from pipelines.settings import Settings

from .delivery import Delivery, choice, code, col, day, identifier, period_end, quantity, region, rule


@cache
def _written(seed: Path) -> dict[str, dict[str, str]]:
    with seed.open(encoding="utf-8", newline="") as lines:
        return {row["programme_code"]: row for row in csv.DictReader(lines)}


def programmes(**wanted: str) -> dict[str, dict[str, str]]:
    """Programmes and rules that hold these values: code → row of the seed that the warehouse reads too."""
    written = _written(Settings.from_environment().seed(SEEDS["subsidy_ledger"]))
    return {key: row for key, row in written.items() if all(row[name] == value for name, value in wanted.items())}


def of_programmes(**wanted: str) -> Expr:
    """True where the row is paid under a programme that holds these values."""
    return col("programme_code").is_in(list(programmes(kind="subsidy", **wanted)))


def expected_programme(_: Mapping[str, str | None]) -> str:
    """The codes that money may be paid under, with their names."""
    return "可填：" + "、".join(f"{key} {row['name_zh']}" for key, row in programmes(kind="subsidy").items())


class SubsidyLedger(Delivery):
    """one payment."""

    source = "subsidy_ledger"
    title_zh = "补贴发放台账"
    grain = "one payment"
    period_form = "month"
    supplier_department = "民政局/卫生健康委/财政局"

    payment_id = code("发放流水号", "凭证号", "流水号", key=True)
    programme_code = code(
        "补贴项目代码", "项目代码", required=True, note="代码见补贴项目表（reference.subsidy_programme）"
    )

    @rule("在补贴项目表中", expects=expected_programme)
    def known_programme(cls) -> Expr:
        return col("programme_code").is_in(list(programmes()))

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
        note="须在当月养老机构或托育机构名册中，或在当年此前最近一期名册中；发给个人的也填所在机构",
    )

    @rule("按机构核定的项目，发给个人的也须填机构编码", action="flag")
    def facility_named(cls) -> Expr:
        to_person = (col("payee_kind") == "person") & of_programmes(payee="facility")
        return ~to_person | col("facility_id").is_not_null()

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

    service_month = code("补贴所属月份", "所属期", note="YYYY-MM：补贴所属的月份，不是发放的月份；按月、按年的项目须填")

    @rule("所属月份须写作 2025-12：先把该列设为文本格式再填，否则 Excel 会改成日期")
    def service_month_shape(cls) -> Expr:
        return col("service_month").str.contains(r"^\d{4}-(0[1-9]|1[0-2])$")

    @rule("按月、按年的项目须填补贴所属月份", action="flag")
    def month_named(cls) -> Expr:
        recurring = of_programmes() & ~of_programmes(frequency="one_off")
        return ~recurring | col("service_month").is_not_null()

    @rule("补贴所属月份不晚于报送的月份", action="flag")
    def month_not_after_delivery(cls) -> Expr:
        return col("service_month") <= period_end().dt.strftime("%Y-%m")

    paid_on = day("发放日期", "支付日期")
    payment_status = choice(
        "发放状态",
        "状态",
        required=True,
        values={"已发放": "paid", "已审批": "approved", "退回": "returned", "追回": "recovered"},
        note="退回、追回从已发放金额中扣减；已审批尚未发放，不计入",
    )
