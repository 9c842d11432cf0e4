"""What is amiss and worth waking somebody for: a night, stale marts, late deliveries, a full disk."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.operations.alerts.configuration import When
from pipelines.operations.alerts.late import late
from pipelines.operations.alerts.memory import Memory
from pipelines.operations.alerts.message import Occasion, harmless, short, some
from pipelines.operations.local_time import shown
from pipelines.operations.outcome import Outcome, State
from pipelines.settings import Settings
from pipelines.warehouse.state import released_state

GIB = 1024**3
#: a disk is well again with this much more free than its limits ask for, so that it does not come and go
EASED = 1.1

NIGHT = {
    State.CHECKS_FAILED: ("检查未通过，新结果没有发布", "checks failed, nothing new was released"),
    State.FAILED: ("夜间运行出错", "the nightly run failed"),
    State.KILLED: ("夜间运行中断（进程被终止、内存不足或断电）", "the nightly run was killed"),
    State.WAITED: ("夜间运行没有开始：另一次运行一直占用", "the nightly run waited in vain for another"),
}
NEXT = {
    State.CHECKS_FAILED: "carestat status 看哪些数不对；有误请报送单位报修订件，属实则写豁免；再运行 carestat nightly",
    State.FAILED: "carestat status 看原因；排除后运行 carestat nightly（可重复运行，不会留下半成品）",
    State.KILLED: "查内存、磁盘和系统日志；再运行 carestat nightly（不会留下半成品）",
    State.WAITED: "carestat status；若那次运行已无进展，在 Dagster 界面终止它，再运行 carestat nightly",
}


def note_night(memory: Memory, settings: Settings, outcome: Outcome, now: datetime) -> None:
    """Remember how a night ended: harmless words only."""
    if outcome.state.is_good:
        memory.last_good = max(filter(None, (memory.last_good, outcome.ended_at)))
        memory.night = {"state": outcome.state.value}
        return
    if memory.last_good and outcome.ended_at < memory.last_good <= now:  # told late: a good one has followed it
        return
    failures = [f"{short(f.step, 60)}：{harmless(f.message, settings)}" for f in outcome.failures]
    if outcome.state is State.CHECKS_FAILED:
        failures = _failed_checks(settings) or failures
    memory.night = {
        "state": outcome.state.value,
        "started_at": outcome.started_at.isoformat(),
        "ended_at": outcome.ended_at.isoformat(),
        "started_by": outcome.started_by,
        "failures": failures,
    }


def amiss(
    memory: Memory, settings: Settings, when: When, overdue: list[dict[str, Any]] | None, now: datetime
) -> dict[str, Occasion | None]:
    """Each occasion, None where all is well; late deliveries only where it is known what is overdue (late.py)."""
    release = released_state(settings)
    seen = {
        "night": _night(memory.night, release),
        "stale": _stale(memory, release, when, now),
        "disk": _disk(settings, when, EASED if "disk" in memory.open else 1.0),
    }
    if overdue is not None:
        seen["late"] = late(overdue, memory.open["late"].items if "late" in memory.open else [])
    return seen


def last_good(memory: Memory, release: dict[str, str] | None) -> datetime | None:
    """When what is in service was last known to be all there is; a release is a good night of its own."""
    released = datetime.fromisoformat(release["released_at"]) if release else None
    return max(filter(None, (memory.last_good, released)), default=None)


def _night(night: dict[str, Any], release: dict[str, str] | None) -> Occasion | None:
    if not night or (state := State(night["state"])).is_good:
        return None
    chinese, english = NIGHT[state]
    from pipelines.operations.report.wording import STARTED

    began, ended = (datetime.fromisoformat(night[name]) for name in ("started_at", "ended_at"))
    who = STARTED.get(night["started_by"], night["started_by"])
    return Occasion(
        key="night",
        items=(f"{state}|{'|'.join(night['failures'])}",),
        headline=chinese,
        lines=(
            f"时间：{shown(began)} 至 {shown(ended)}（北京时间），{who}启动",
            *some([f"· {failure}" for failure in night["failures"]], "项"),
            _in_service(release),
            f"下一步：{NEXT[state]}",
            f"{english}; next: carestat status",
        ),
    )


def _stale(memory: Memory, release: dict[str, str] | None, when: When, now: datetime) -> Occasion | None:
    good = last_good(memory, release)
    measured = good or memory.since or now
    if now - measured <= timedelta(hours=when.stale_hours):
        return None
    hours = int((now - measured).total_seconds() // 3600)
    known = f"最近一次正常的夜间运行：{shown(good)}（北京时间）" if good else "至今没有一次正常的夜间运行"
    return Occasion(
        key="stale",
        items=("stale",),
        headline=f"数据已 {hours} 小时没有经过正常的夜间运行（上限 {when.stale_hours:g} 小时）",
        lines=(
            known,
            _in_service(release),
            "可能：定时服务没有运行、主机停过机、每夜都出错",
            "下一步：carestat status；确认定时服务在运行；carestat nightly 手动运行一次",
            f"no good night for {hours} hours; next: check that the service runs, then carestat nightly",
        ),
    )


def _disk(settings: Settings, when: When, eased: float) -> Occasion | None:
    """The disks of var/ and raw/; what cannot be looked at is not full."""
    full: list[str] = []
    headline = ""
    devices: set[int] = set()
    for name, folder in (("var", settings.var), ("raw", settings.raw)):
        try:
            device, (used, free) = folder.stat().st_dev, _room(folder)
        except OSError:
            continue
        if device in devices:
            continue
        devices.add(device)
        if 100 - used < (100 - when.disk_used_percent) * eased or free < when.disk_free_gib * eased:
            full.append(f"{name}/ 所在磁盘：已用 {used:.0f}%，可用 {free:.1f} GiB")
            headline = headline or f"磁盘将满：{name}/ 可用 {free:.1f} GiB（已用 {used:.0f}%）"
    if not full:
        return None
    return Occasion(
        key="disk",
        items=tuple(line.partition(" ")[0] for line in full),
        headline=headline,
        lines=(
            *full,
            f"限度：已用 {when.disk_used_percent:g}%，可用 {when.disk_free_gib:g} GiB",
            "磁盘满则夜间运行出错，在用的发布不受影响",
            "下一步：carestat tidy 看占用并清理；不够则扩大磁盘；交付件（raw/）不要删",
            "disk nearly full; next: carestat tidy shows what takes room and clears what may go",
        ),
    )


def _room(folder: Path) -> tuple[float, float]:
    """Percent used, as `df` counts it, and GiB free to us."""
    disk = shutil.disk_usage(folder)
    return 100 * disk.used / max(disk.used + disk.free, 1), disk.free / GIB


def _in_service(release: dict[str, str] | None) -> str:
    if release is None:
        return "在用：尚无任何发布，查询不可用"
    return f"在用：{release['release_id']} 继续服务，查询照常；其后的新交付尚未计入"


def _failed_checks(settings: Settings) -> list[str]:
    """Suite, check and reason; not the rows, which name regions and facilities."""
    import duckdb

    from pipelines.warehouse.status import failed_checks

    try:
        return [harmless(told, settings) for told in failed_checks(settings)]
    except duckdb.Error:
        return []
