"""task_ledger: year-end snapshots of the documents' tasks and milestones; states, dates and evidence are invented.

Titles and departments are the documents' own, from the seeds that the warehouse reads too.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pipelines.samples.chance import below, day
from pipelines.samples.deliver import Cell, Delivery, cells, headings
from pipelines.samples.reference import BANAN, DAZHOU, children

SEEDS = Path(__file__).parents[2] / "dbt_project" / "seeds"
FIELDS = {
    "document_key": "文件代码|方案代码",
    "task_no": "任务序号|序号",
    "region_code": "责任区划代码|区划代码",
    "item_kind": "事项类别|类别",
    "milestone_key": "里程碑代码|指标代码",
    "title": "任务名称|工作任务",
    "lead_departments": "牵头单位|责任单位",
    "participating_departments": "配合单位|参与单位",
    "due_on": "完成时限|截止日期",
    "status": "进展状态|状态",
    "done_on": "完成日期",
    "evidence": "佐证材料|文号",
    "progress_note": "进展说明",
}
GUIZHOU, HENAN = "520000", "410000"
YEARS = range(2022, 2026)
LAST = date(YEARS[-1], 12, 31)
SUPPLIER = {"banan_2021_74": BANAN, "henan_2023": HENAN, "guizhou_2023_21": GUIZHOU}
# first snapshot that a document stands in; a document's tasks, other than milestones, run to the end of 2025
SINCE = {"henan_2023": 2023, "guizhou_2023_21": 2023}
# the plans of these counties (by their place in code order) came after the end of 2024
LATE_PLANS = {11: date(2025, 3, 28), 57: date(2025, 6, 20)}


@dataclass(frozen=True)
class Milestone:
    """A dated deliverable of a document: when it was due, and done if it was done."""

    document: str
    number: str
    region: str
    key: str
    title: str
    lead: str
    due: str
    done: date | None


MILESTONES = (
    Milestone("guizhou_2022_6", "二(三)-1", GUIZHOU, "milestone_operation_guideline",
              "制定养老服务机构设施运营管理指南", "省民政厅", "2022年", date(2022, 9, 15)),
    Milestone("guizhou_2022_6", "二(三)-2", GUIZHOU, "milestone_public_project_pool",
              "建立可供市场主体运营的公建养老项目库", "省民政厅", "2022年", date(2022, 11, 8)),
    Milestone("guizhou_2022_6", "二(十二)-1", GUIZHOU, "milestone_eldercare_system_plan",
              "出台省养老服务体系建设规划", "省民政厅", "2022年", date(2022, 6, 30)),
    Milestone("guizhou_2022_6", "二(十三)-1", GUIZHOU, "milestone_investment_guide",
              "制定省养老服务投资管理指南", "省民政厅", "2022年", date(2022, 12, 20)),
    Milestone("guizhou_2022_6", "二(十八)-1", GUIZHOU, "milestone_elderly_product_catalogue",
              "省级制定老年用品指导目录", "省工业和信息化厅", "2022年", date(2022, 10, 18)),
    Milestone("guizhou_2022_6", "二(十八)-2", GUIZHOU, "milestone_age_friendly_product_mass_production",
              "完成适老化产品研发设计及量产", "省工业和信息化厅", "2022年", None),
    Milestone("guizhou_2022_6", "二(十八)-3", GUIZHOU, "milestone_technical_research",
              "组织开展养老托育服务技术攻关", "省科技厅", "2022年", date(2023, 5, 26)),
    Milestone("guizhou_2022_6", "二(二十一)-1", GUIZHOU, "milestone_fifteen_minute_circle",
              "“一刻钟”养老服务圈基本建成", "省民政厅", "2025年", date(2025, 12, 12)),
    Milestone("guizhou_2022_6", "三(二十三)-1", GUIZHOU, "milestone_comprehensive_evaluation_system",
              "发布并实施养老托育服务综合评价制度", "省民政厅", "2022年", date(2022, 12, 5)),
    Milestone("guizhou_2022_6", "三(二十三)-2", GUIZHOU, "milestone_childcare_assessment_system",
              "建立托育行业评估指标和评估体系", "省卫生健康委", "2025年", None),
    Milestone("guizhou_2022_6", "三(二十四)-1", GUIZHOU, "milestone_supervision_initial",
              "初步建立综合监管机制", "省民政厅", "2022年", date(2022, 11, 30)),
    Milestone("guizhou_2022_6", "三(二十四)-2", GUIZHOU, "milestone_supervision_complete",
              "健全综合监管体系", "省民政厅", "2023年", date(2023, 11, 17)),
    Milestone("guizhou_2022_6", "三(二十六)-1", GUIZHOU, "milestone_emergency_mechanism",
              "各类突发事件应急机制基本建立", "省民政厅", "2022年", date(2022, 8, 25)),
    Milestone("guizhou_2023_21", "5-1", GUIZHOU, "milestone_smart_eldercare_platform",
              "省智慧养老服务平台建成", "省民政厅", "2024年", date(2024, 10, 31)),
    Milestone("dazhou_yilaoyixiao", "三(一)-1", DAZHOU, "milestone_smart_eldercare_platform",
              "养老服务信息化平台基本建立", "市民政局", "2025年", date(2025, 9, 19)),
    Milestone("dazhou_yilaoyixiao", "四(二)15-1", DAZHOU, "milestone_four_level_elderly_education",
              "四级老年教育办学网络基本形成", "市教育局", "2025年", None),
)  # fmt: skip


def layout_plans() -> list[Milestone]:
    """Guizhou 2023 clause 10: the layout plan of each county and prefecture, due by the end of 2024."""
    prefectures = [prefecture.code for prefecture in children(GUIZHOU)]
    counties = [county.code for prefecture in prefectures for county in children(prefecture)]
    plans = []
    for turn, code in enumerate([*counties, *prefectures]):
        done = LATE_PLANS.get(turn) or day(2023 + below(2, "plan", code), "layout plan", code)
        plans.append(
            Milestone("guizhou_2023_21", "10-1", code, "milestone_layout_plan_city_county",
                      "养老服务设施布局专项规划编制", "民政部门、自然资源部门", "2024年", done)
        )  # fmt: skip
    return plans


def progress(number: object, due: date, done: date | None, start: date, at: date) -> dict[str, Cell]:
    """State, date, evidence and note at the snapshot."""
    if done and done <= at:
        evidence = f"虚构文号〔{done.year}〕第{1 + below(99, 'evidence', number)}号（演示数据）"
        return {"status": "已完成", "done_on": done, "evidence": evidence}
    if due < at:
        return {"status": "逾期", "progress_note": "演示数据：到期未完成"}
    if start > at:
        return {"status": "未启动"}
    return {"status": "推进中", "progress_note": f"演示数据：{at.year}年按计划推进"}


def milestone_row(item: Milestone, at: date) -> dict[str, Cell]:
    year = int(item.due.removesuffix("年"))
    return {
        "document_key": item.document,
        "task_no": item.number,
        "region_code": item.region,
        "item_kind": "里程碑",
        "milestone_key": item.key,
        "title": item.title,
        "lead_departments": item.lead,
        "due_on": item.due,
        **progress((item.key, item.region), date(year, 12, 31), item.done, date(2022, 1, 1), at),
    }


@cache
def seed(name: str) -> tuple[dict[str, str], ...]:
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def departments(document: str, number: str, *roles: str) -> str | None:
    """The departments of a task in the printed order, '、' between them."""
    rows = [
        row for row in seed("document_task_departments") if (row["document_key"], row["task_no"]) == (document, number)
    ]
    return "、".join(row["department"] for row in rows if row["role"] in roles) or None


def task_rows(document: str, at: date) -> list[dict[str, Cell]]:
    """The document's tasks as printed; each begins in 2022 or 2023 and takes one to four years."""
    found: list[dict[str, Cell]] = []
    for task in (row for row in seed("document_tasks") if row["document_key"] == document):
        number = task["task_no"]
        start = date(2022 + below(2, "start", document, number), 4, 1)
        end = start.year + 1 + below(4, "length", document, number)
        done = day(end, "task", document, number)
        lead = departments(document, number, "lead") or departments(document, number, "shared")
        found.append(
            {
                "document_key": document,
                "task_no": number,
                "region_code": SUPPLIER[document],
                "item_kind": "任务",
                "title": task["title_zh"],
                "lead_departments": lead,
                "participating_departments": departments(document, number, "participating"),
                "due_on": "2025",
                **progress((document, number), LAST, done, start, at),
            }
        )
    return found


def records(supplier: str, year: int) -> list[dict[str, Cell]]:
    """What the supplier knows of its documents at the end of the year."""
    at = date(year, 12, 31)
    found: list[dict[str, Cell]] = []
    for document, region in SUPPLIER.items():
        if region == supplier and year >= SINCE.get(document, 0):
            found += task_rows(document, at)
    items = [*MILESTONES, *layout_plans()]
    inside = supplier[: len(supplier.rstrip("0"))]
    return found + [
        milestone_row(item, at)
        for item in items
        if item.region.startswith(inside) and year >= SINCE.get(item.document, 0)
    ]


def deliveries() -> Iterator[Delivery]:
    for year in YEARS:
        folder = f"task_ledger/{year}-12-31"
        for supplier, kind, alias in ((BANAN, "xlsx", 1), (DAZHOU, "csv", 0), (HENAN, "csv", 0), (GUIZHOU, "csv", 0)):
            found = records(supplier, year)
            if not found:
                continue
            if (supplier, year) == (GUIZHOU, 2024):
                found.append({**found[-1], "task_no": "10-2", "milestone_key": None})
            if (supplier, year) == (BANAN, 2024):
                first = next(place for place, row in enumerate(found) if row["status"] == "已完成")
                found[first] = {**found[first], "evidence": None}
            title = f"重点任务责任分工进展情况（{year}年末）" if kind == "xlsx" else None
            rows = [cells(FIELDS, row) for row in found]
            yield Delivery(f"{folder}/{supplier}.{kind}", headings(FIELDS, alias), rows, title)
