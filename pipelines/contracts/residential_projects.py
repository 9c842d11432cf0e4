"""住宅小区配建台账: one housing project or existing estate."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, code, col, count, day, flag, parent_of, quantity, region, rule, text


def existing_estate() -> Expr:
    """The four 同步 came after these estates were built."""
    return col("project_kind") == "existing"


class ResidentialProjects(Delivery):
    """one housing project or existing estate."""

    source = "residential_projects"
    title_zh = "住宅小区配建台账"
    grain = "one housing project or existing estate"
    period_form = "year"
    supplier_department = "住房城乡建委/局"

    project_id = code("项目编号", "小区编号", key=True)
    project_name = text("项目名称", "小区名称", required=True)
    county_code = region("所在县级区划代码", "县区代码", "区划代码", required=True, level="county")
    town_code = region("所在乡镇代码", "乡镇街道代码")

    @rule("乡级属于县级")
    def town_in_county(cls) -> Expr:
        return parent_of("town_code") == col("county_code")

    project_kind = choice(
        "项目类别",
        "新建或已建",
        required=True,
        values={"新建": "new", "新建小区": "new", "新建城区": "new", "已建成": "existing", "老城区": "existing"},
    )
    households = count("规划户数", "户数", required=True, unit="户", least=1, most=100_000)
    population = count("规划人口", "居住人口", unit="人", most=300_000, note="空白则按户数×3推算")
    eldercare_area_required = quantity(
        "应配建养老面积",
        "养老应配建面积",
        unit="平方米",
        least=0,
        most=100_000,
        note="按规划条件；空白则按户数和当地标准推算",
    )
    eldercare_area = quantity(
        "实配养老面积", "养老服务设施建筑面积", required=True, unit="平方米", least=0, most=100_000, note="建筑面积"
    )
    childcare_area_required = quantity("应配建托育面积", unit="平方米", least=0, most=100_000)
    childcare_area = quantity("实配托育面积", "托育服务设施建筑面积", unit="平方米", least=0, most=100_000)
    childcare_places = count("配建托位数", "托位数", unit="个", most=5_000)
    sync_planned = flag("同步规划", required=True, not_applicable_if=existing_estate, note="已建成小区可填不适用")
    sync_built = flag("同步建设", required=True, not_applicable_if=existing_estate, note="已建成小区可填不适用")
    sync_accepted = flag("同步验收", required=True, not_applicable_if=existing_estate, note="已建成小区可填不适用")
    sync_delivered = flag(
        "同步交付", "同步交付使用", required=True, not_applicable_if=existing_estate, note="已建成小区可填不适用"
    )
    accepted_on = day(
        "竣工验收日期", "验收日期", incomplete_date="last", note="住宅验收；空白 = 尚未验收，不计入任何年份"
    )
    status = choice(
        "项目状态",
        "状态",
        required=True,
        values={"规划": "planned", "在建": "building", "已验收": "accepted", "已交付": "delivered"},
    )

    @rule("已验收须有验收日期")
    def accepted_has_date(cls) -> Expr:
        return (
            ~col("status").is_in(["accepted", "delivered"])
            | col("accepted_on").is_not_null()
            | (col("project_kind") == "existing")
        )
