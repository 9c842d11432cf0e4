"""建设项目台账: one project."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, code, col, count, day, quantity, region, rule, text


class ConstructionProjects(Delivery):
    """one project."""

    source = "construction_projects"
    title_zh = "建设项目台账"
    grain = "one project"
    period_form = "year"
    supplier_department = "发展改革委"

    project_id = code("项目编号", "项目代码", key=True)
    project_name = text("项目名称", required=True)
    county_code = region("所在县级区划代码", "县区代码", "区划代码", required=True, level="county")
    project_kind = choice(
        "项目类别",
        "领域",
        required=True,
        values={
            "养老": "eldercare",
            "托育": "childcare",
            "医疗": "medical",
            "老年教育": "education",
            "康养": "health_tourism",
            "其他": "other",
        },
    )
    sub_kind = choice(
        "建设内容类别",
        "设施类别",
        required=True,
        values={
            "养老机构": "institution",
            "区域养老服务中心": "regional_centre",
            "社区养老服务综合体": "community_complex",
            "失能特困集中照护点": "disabled_tekun_site",
            "县级养护院": "county_tekun_home",
            "老年医院": "geriatric_hospital",
            "老年大学": "elderly_university",
            "老年人活动中心": "elderly_university",
            "托育机构": "nursery",
            "托育服务指导中心": "guidance_centre",
            "健康养老基地": "health_base",
            "中医药健康旅游基地": "tcm_base",
            "其他": "other",
        },
    )
    nature = choice(
        "建设性质",
        required=True,
        values={"新建": "new", "改扩建": "expansion", "改建": "conversion", "装修及设备": "fit_out"},
    )
    plan_code = code("规划清单代码", "所属规划", note="列入规划清单的项目填清单代码，如DZ145、GZ16")
    planned_investment = quantity("总投资", "计划总投资", unit="元", least=0, most=100_000_000_000)
    completed_investment = quantity("累计完成投资", unit="元", least=0, most=100_000_000_000)
    new_beds = count("新增养老床位", "新增床位", unit="张", most=10_000)
    new_places = count("新增托位", "新增托位数", unit="个", most=10_000)
    started_on = day("开工日期")
    completed_on = day("完工日期", "竣工日期", incomplete_date="last")

    @rule("完工不早于开工")
    def done_after_start(cls) -> Expr:
        return col("completed_on") >= col("started_on")

    status = choice(
        "项目状态",
        "进度",
        required=True,
        values={
            "储备": "reserve",
            "前期": "reserve",
            "在建": "building",
            "完工": "completed",
            "已完工": "completed",
            "投入使用": "in_use",
            "取消": "cancelled",
        },
    )

    @rule("完工须填日期")
    def done_has_date(cls) -> Expr:
        return ~col("status").is_in(["completed", "in_use"]) | col("completed_on").is_not_null()
