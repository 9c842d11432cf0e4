"""The words of a report: its headline, and what asks for somebody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipelines.contracts import SOURCES, contract_of
from pipelines.operations.local_time import shown
from pipelines.operations.outcome import State
from pipelines.operations.report.content import Due, Notice, Report

STATES = {
    State.RELEASED: "已发布",
    State.NOTHING_NEW: "没有新交付",
    State.CHECKS_FAILED: "检查未通过，未发布",
    State.FAILED: "运行中断，未发布",
    State.KILLED: "运行进程中途消失，未发布",
    State.WAITED: "另一次运行占用，未运行",
}
STATES_EN = {
    State.RELEASED: "released",
    State.NOTHING_NEW: "nothing new",
    State.CHECKS_FAILED: "not released: a critical check failed",
    State.FAILED: "not released: a step broke",
    State.KILLED: "not released: the process of the run is gone",
    State.WAITED: "did not run: another run held the warehouse",
}
STARTED = {"command": "命令", "schedule": "定时", "sensor": "新交付触发", "person": "网页手动"}
DELIVERY_STATES = {
    "landed": "全部接收",
    "partly": "部分拒收",
    "superseded": "被替代",
    "rejected": "未接收",
    "waiting": "待处理",
}
STEPS = {"landing__delivery": "交付清单", "expectations": "检查", "candidate": "候选发布", "release": "发布"}
SEVERITIES = ("critical", "warning", "note")
#: shares of the disk that are left free when it is said, and when it is urgent
LITTLE, HARDLY = 0.10, 0.03
#: of a list, those named in a notice
NAMED = 3


def headline(report: Report) -> tuple[str, str]:
    """One sentence, Chinese and English: what became of the night, and what is in service."""
    outcome, service = report.outcome, report.service
    told, told_en = STATES[outcome.state], STATES_EN[outcome.state]
    if outcome.state is State.RELEASED:
        came = report.came
        parts = [f"新到 {came.total} 份交付" if came.total else "没有新交付，口径或程序有变"] if came.is_known else []
        parts = [f"首次发布，{came.total} 份交付"] if came.is_known and came.since is None else parts
        parts += [f"{report.changed.values} 个数改变"] if report.changed.values else []
        return "，".join([f"{told}；{outcome.release_id}", *parts]), f"{told_en}: {outcome.release_id}"
    if service.release_id and service.released_at:
        told += f"；{service.release_id} 继续服务（{shown(service.released_at)} 发布）"
        return told, f"{told_en}; {service.release_id} stays in service"
    return f"{told}；尚无可用的发布", f"{told_en}; nothing is in service yet"


def notices(report: Report) -> tuple[Notice, ...]:
    """What asks for somebody, the worst first; nothing on a night when all is well."""
    found = [*_of_run(report), *_of_calendar(report), *_of_deliveries(report), *_of_system(report)]
    return tuple(sorted(found, key=lambda notice: SEVERITIES.index(notice.severity)))


def _of_run(report: Report) -> Iterator[Notice]:
    outcome = report.outcome
    if outcome.state is State.CHECKS_FAILED:
        for check in report.checks.critical if report.record.of == "this_run" else ():
            rows = f"（{check.rows} 行不符）" if check.rows else ""
            yield Notice("checks", "critical", f"关键检查未通过：{check.suite}.{check.check} {check.reason}{rows}")
    for failure in outcome.failures if outcome.state in (State.FAILED, State.WAITED) else ():
        message = next(iter(failure.message.splitlines()), "")
        told = "" if outcome.state is State.WAITED else f"{step(failure.step)}中断："
        yield Notice("step", "critical", f"{told}{message}")
    if outcome.state is State.KILLED:
        yield Notice("step", "critical", "运行没有留下结果：进程被终止或机器重启。下次运行会重做，交付不会丢失")
    if report.service.damage:
        yield Notice("service", "critical", f"{report.service.damage}；请运行 carestat nightly，将重新发布")
    elif report.service.release_id is None:
        yield Notice("service", "critical", "没有在用的发布，统计人员查不到数据")


def _of_calendar(report: Report) -> Iterator[Notice]:
    days = report.calendar
    if days.problem:
        yield Notice("calendar", "warning", f"交付日历不能用：{days.problem}")
    for state, severity, words in (
        ("missing", "warning", "缺报"),
        ("refused", "warning", "到了但整份未接收"),
        ("late", "note", "逾期未到，尚在宽限期"),
    ):
        if count := days.counts.get(state, 0):
            groups = [group for group in overdue(days.listed) if group[0].state == state]
            named = "；".join(owed(group) for group in groups[:NAMED])
            more = f"；另有 {len(groups) - NAMED} 家" if len(groups) > NAMED else ""
            yield Notice(state, severity, f"{words} {count} 份：{named}{more}")
    if never := days.counts.get("never", 0):
        yield Notice("calendar", "note", f"日历另有 {never} 份应由从未报送过的单位报送：请核对日历，或另行联系")
    if days.last_due and days.last_due < days.today:
        yield Notice("calendar", "note", f"交付日历止于 {days.last_due}：此后的交付不再催报，请续填")


def overdue(listed: Iterable[Due]) -> list[list[Due]]:
    """What one supplier owes of one source, in one state, together; the longest overdue first."""
    groups: dict[tuple[str, str, str], list[Due]] = {}
    for one in listed:
        groups.setdefault((one.state, one.source, one.supplier), []).append(one)
    return list(groups.values())


def owed(group: list[Due]) -> str:
    """Who owes what, since when."""
    first = group[0]
    late = f"（超期 {first.days_late} 天）" if first.days_late else ""
    return f"{first.supplier_name}《{first.source_title}》{periods(group)}{late}"


def periods(group: list[Due]) -> str:
    """2026-01 至 2026-10 共 10 期."""
    first, last = group[0].period, group[-1].period
    return first if len(group) == 1 else f"{first} 至 {last} 共 {len(group)} 期"


def step(name: str) -> str:
    """A step of the run in words; one that has none stands for itself."""
    folder, _, source = name.partition("__")
    if folder == "landing" and source in SOURCES:
        return f"接收《{contract_of(source).title_zh}》"
    return f"步骤“{STEPS.get(name, name)}”"


def _of_deliveries(report: Report) -> Iterator[Notice]:
    refused = report.refused
    if refused.new_files:
        yield Notice("refused", "warning", f"新到的交付中 {refused.new_files} 份整份未接收")
    if refused.new_rows:
        yield Notice("refused", "warning", f"新到的交付中 {refused.new_rows} 行被拒收，回执已写好，请转报送单位")
    for finding in report.findings:
        if finding.is_pressing:
            yield Notice("finding", "warning", f"{finding.title}：{finding.count} 处")


def _of_system(report: Report) -> Iterator[Notice]:
    if report.rows and not report.rows.is_balanced:
        yield Notice("record", "critical", "行数对账不平：交付的行没有全部交代去向")
    if report.record.problem:
        yield Notice("record", "warning", f"运行记录：{report.record.problem}")
    disk = report.disk
    if disk and disk.size and disk.free / disk.size < LITTLE:
        severity = "critical" if disk.free / disk.size < HARDLY else "warning"
        yield Notice("disk", severity, f"磁盘只剩 {size(disk.free)}（{disk.free / disk.size:.0%}）")


def size(count: int) -> str:
    """Bytes in the largest unit that leaves a number above one: 1.2 GB."""
    value, units = float(count), ["B", "KB", "MB", "GB", "TB"]
    while value >= 1024 and len(units) > 1:
        value, units = value / 1024, units[1:]
    return f"{value:.0f} {units[0]}" if units[0] == "B" or value >= 100 else f"{value:.1f} {units[0]}"


def lasted(seconds: float) -> str:
    """1 小时 2 分, 3 分 20 秒, 4 秒."""
    minutes, rest = divmod(int(seconds + 0.5), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} 小时 {minutes} 分"
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"
