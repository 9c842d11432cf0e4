"""重点任务与里程碑台账: one task or milestone of one government."""

from __future__ import annotations

from polars import Expr

from .delivery import Delivery, choice, code, col, day, region, rule, text


class TaskLedger(Delivery):
    """one task or milestone of one government."""

    source = "task_ledger"
    title_zh = "重点任务与里程碑台账"
    grain = "one task or milestone of one government"
    period_form = "snapshot"
    supplier_department = "发展改革委(牵头)"

    document_key = code("文件代码", "方案代码", key=True, note="如banan_2021_74")
    task_no = code("任务序号", "序号", "任务编号", key=True, note="按文件所印")
    region_code = region("责任区划代码", "区划代码", key=True, note="任务属于哪一级政府")
    item_kind = choice("事项类别", "类别", required=True, values={"任务": "task", "里程碑": "milestone"})
    milestone_key = code("里程碑代码", "指标代码", note="里程碑类指标的代码")

    @rule("里程碑须填指标代码")
    def milestone_has_key(cls) -> Expr:
        return (col("item_kind") != "milestone") | col("milestone_key").is_not_null()

    title = text("任务名称", "工作任务", "重点任务", required=True)
    lead_departments = text("牵头单位", "责任单位", note="用“、”隔开")
    participating_departments = text("配合单位", "参与单位", note="用“、”隔开")
    due_on = day("完成时限", "截止日期", incomplete_date="last", note="只写年份 = 当年12月31日")
    status = choice(
        "进展状态",
        "状态",
        required=True,
        values={
            "未启动": "not_started",
            "推进中": "in_progress",
            "正在推进": "in_progress",
            "已完成": "done",
            "完成": "done",
            "逾期": "overdue",
        },
    )

    @rule("完成须填日期")
    def done_has_date(cls) -> Expr:
        return (col("status") != "done") | col("done_on").is_not_null()

    done_on = day("完成日期", incomplete_date="last")
    evidence = text("佐证材料", "文号", note="文号或链接")

    @rule("完成须有佐证", action="flag")
    def done_has_evidence(cls) -> Expr:
        return (col("status") != "done") | col("evidence").is_not_null()

    progress_note = text("进展说明")
