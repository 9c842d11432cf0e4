"""`carestat status`: what is in service, how the last run ended, what waits."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from pipelines.landing.land import Landing
from pipelines.settings import Settings
from pipelines.warehouse.state import fingerprint, released_state

FAILED = """
    select suite, "check", severity, reason_zh, coalesce(nullif(error, ''), detail)
    from check_result
    where not success and not waived and severity in (?, ?)
    order by all
"""
#: findings that ask for something to be done: shown first, however few
PRESSING = ("changed_in_place", "still_being_written", "correction_stale", "correction_invalid")
#: kinds of other findings that are shown, the most frequent first
SHOWN = 8


def failed_checks(settings: Settings) -> list[str]:
    """The critical checks that the last run failed, with the rows they name."""
    if not settings.ops.exists():
        return []
    connection = duckdb.connect(str(settings.ops), read_only=True)
    try:
        failed = connection.execute(FAILED, ["critical", "critical"]).fetchall()
    finally:
        connection.close()
    return [f"{suite}.{check}：{reason}\n{rows}" for suite, check, _, reason, rows in failed]


def status_lines(settings: Settings) -> Iterator[str]:
    """One line a fact, Chinese first."""
    state = released_state(settings)
    if state:
        yield f"在用发布 · in service    {state['release_id']}（{state['released_at']}）"
    else:
        yield "在用发布 · in service    无 · none yet"
    if settings.raw.is_dir():
        landing = Landing(raw=settings.raw, var=settings.var)
        new = state is None or state["fingerprint"] != fingerprint(settings, landing)
        files = len(landing.discover().files)
        waiting = "有变化（交付、登记表或程序），待下次运行 · changes wait" if new else "均已处理 · all processed"
        yield f"交付文件 · deliveries    {files}，{waiting}"
    if settings.ops.exists():
        yield from _last_run(settings)


def _last_run(settings: Settings) -> Iterator[str]:
    connection = duckdb.connect(str(settings.ops), read_only=True)
    try:
        states = connection.execute("select state, count(*) from delivery group by state order by state").fetchall()
        yield "最近运行 · last run      " + "，".join(f"{state} {count}" for state, count in states)
        reasons = connection.execute(
            "select reason, count(*) from quarantine group by reason order by count(*) desc, reason limit 5"
        ).fetchall()
        refused = "，".join(f"{reason} {count}" for reason, count in reasons) or "无 · none"
        yield f"拒收行 · quarantined     {refused}"
        counts = connection.execute(
            "select finding, count(*) from finding group by finding order by count(*) desc, finding"
        ).fetchall()
        found = dict(counts)
        yield f"发现 · findings          {_findings(found)}"
        applied, revised = connection.execute(
            "select (select count(*) from correction), (select count(*) from revision)"
        ).fetchone()
        stale, invalid = found.get("correction_stale", 0), found.get("correction_invalid", 0)
        if applied or stale or invalid:
            yield f"更正 · corrections       应用 {applied} 格，失效 {stale} 条，写错 {invalid} 条"
        if revised:
            yield f"改变的数 · revised values {revised}"
        failed = connection.execute(FAILED, ["critical", "warning"]).fetchall()
        yield f"检查未通过 · failed checks {len(failed) or '无 · none'}"
        for suite, check, severity, reason, _ in failed:
            yield f"  {severity}  {suite}.{check}  {reason}"
        released = connection.execute("select release_id from release").fetchall()
        yield f"是否发布 · released      {released[0][0] if released else '否，原发布继续服务 · no, the former stays'}"
    finally:
        connection.close()


def _findings(found: dict[str, int]) -> str:
    """How many of each, those that ask for something first; rare kinds of the others are only counted."""
    others = [name for name in found if name not in PRESSING]
    told = [f"{name} {found[name]}" for name in (*(n for n in PRESSING if n in found), *others[:SHOWN])]
    if left := len(others[SHOWN:]):
        told.append(f"另有 {left} 种 · {left} more")
    return "，".join(told) or "无 · none"
