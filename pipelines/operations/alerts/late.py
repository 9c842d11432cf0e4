"""Deliveries that are overdue, many in one message: by source and period, those not told of before first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import polars as pl

from pipelines.operations.alerts.message import Occasion, harmless, short, some
from pipelines.operations.local_time import SHANGHAI
from pipelines.progress import say
from pipelines.settings import Settings

#: suppliers named of a source and period; the rest is counted
NAMED = 4


def overdue(settings: Settings, now: datetime) -> list[dict[str, Any]] | None:
    """Rows of calendar.DUE that somebody has to do something about; None where the calendar cannot be told."""
    from pipelines.operations.calendar import due

    try:
        return due(settings, now.astimezone(SHANGHAI).date()).filter(is_overdue()).to_dicts()
    except Exception as unknown:
        say(f"交付期限看不了 · no calendar to look at: {type(unknown).__name__}: {harmless(str(unknown), settings)}")
        return None


def is_overdue() -> pl.Expr:
    """Whether somebody has to do something about a row of calendar.DUE, and its day has passed."""
    from pipelines.operations.calendar import OPEN

    return pl.col("state").is_in(OPEN) & pl.col("days_late").is_not_null()


def late(rows: list[dict[str, Any]], told: Collection[str]) -> Occasion | None:
    """`rows` as calendar.DUE; None where there are none.

    An item is source/period/supplier, so whatever joins the list is a new alert and whatever leaves it is none.
    """
    if not rows:
        return None
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["source"], row["period"]), []).append(row)

    def urgency(key: tuple[str, str]) -> tuple[bool, int, tuple[str, str]]:
        group = groups[key]
        return all(_item(row) in told for row in group), -max(row["days_late"] for row in group), key

    new = sum(_item(row) not in told for row in rows)
    share = f"，其中新增 {new} 份" if told and new else ""
    sources = len({row["source"] for row in rows})
    return Occasion(
        key="late",
        items=tuple(sorted(map(_item, rows))),
        headline=f"{len(rows)} 份交付逾期未到（{sources} 个来源）{share}",
        lines=(
            *some([_line(groups[key], told) for key in sorted(groups, key=urgency)], "组"),
            "缺交付的指标显示为“未报送”，不按零计；其余照常发布",
            "下一步：催报上列单位；carestat status 看全部期限",
            f"{len(rows)} deliveries overdue; next: ask the suppliers, carestat status lists them",
        ),
    )


def _line(group: list[dict[str, Any]], told: Collection[str]) -> str:
    from pipelines.contracts import contract_of

    first = group[0]
    ordered = sorted(group, key=lambda row: (_item(row) in told, -row["days_late"], row["supplier"]))
    names = "、".join(
        f"{row['region_name']}{'（整份被拒）' if row['state'] == 'refused' else ''}" for row in ordered[:NAMED]
    )
    many = f"等 {len(group)} 家" if len(group) > NAMED else ""
    days = max(row["days_late"] for row in group)
    title = contract_of(first["source"]).title_zh
    new = "【新增】" if told and _item(ordered[0]) not in told else ""
    return short(f"· {new}{title} {first['period']}：{names}{many}，应于 {first['due_date']} 前，最久逾期 {days} 天")


def _item(row: dict[str, Any]) -> str:
    return f"{row['source']}/{row['period']}/{row['supplier']}"
