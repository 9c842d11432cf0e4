"""Waivers: figures that are true though odd, excused by name, with a reason and an approver, for a time.

A waiver names one check (`suite.check`) and a region, an indicator or both; it excuses exactly those rows. `until` is a
period (YYYY, YYYY-MM or YYYY-MM-DD): the waiver holds while no delivery of a later period has been landed. So its end
follows from the data, never from a clock, and the same deliveries always give the same outcome.
"""

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FIELDS = {"check", "region", "indicator", "until", "reason", "approved_by"}


class WaiverError(ValueError):
    """A waiver that does not say what, how long, why or by whom; the message names it."""


@dataclass(frozen=True)
class Waiver:
    """One entry of expectations/waivers.yml."""

    check: str
    region: str | None
    indicator: str | None
    until: str
    reason: str
    approved_by: str

    def holds(self, newest_period: str | None) -> bool:
        """Whether it is in force when the newest landed delivery is of `newest_period` (None: nothing landed)."""
        return newest_period is None or last_day(self.until) >= last_day(newest_period)

    def excuses(self, check: str, row: Mapping[str, Any]) -> bool:
        """Whether it excuses this row of this check."""
        return (
            check == self.check
            and (self.region is None or row.get("region_code") == self.region)
            and (self.indicator is None or row.get("indicator_key") == self.indicator)
        )


def last_day(period: str) -> str:
    """The last day of a period as YYYY-MM-DD: of a year, of a month, or the day itself. Raises ValueError otherwise."""
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", period):
        raise ValueError(period)
    match period.split("-"):
        case [year]:
            return f"{year}-12-31"
        case [year, month]:
            return f"{year}-{month}-{calendar.monthrange(int(year), int(month))[1]:02d}"
        case _:
            return period


def load_waivers(path: Path | None) -> list[Waiver]:
    """The waivers of the file, [] without one. Raises WaiverError for an entry that is not complete."""
    if path is None or not path.exists():
        return []
    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
    return [_waiver(path.name, number, entry) for number, entry in enumerate(entries, start=1)]


def _waiver(file: str, number: int, entry: Any) -> Waiver:
    def refuse(zh: str, en: str) -> WaiverError:
        return WaiverError(f"{file} 第 {number} 条：{zh}。Entry {number}: {en}.")

    if not isinstance(entry, dict):
        raise refuse("不是键值条目", "not a mapping")
    values = {key: str(value).strip() for key, value in entry.items() if value is not None}
    if unknown := sorted(set(values) - FIELDS):
        raise refuse(f"未知字段 {unknown}", f"unknown fields {unknown}")
    if missing := sorted(key for key in FIELDS - {"region", "indicator"} if not values.get(key)):
        raise refuse(f"缺少字段 {missing}", f"fields {missing} are missing")
    if values["check"].count(".") != 1 or not (values.get("region") or values.get("indicator")):
        raise refuse(
            "check 须写成 套件.检查，并须指明 region 或 indicator",
            "check reads suite.check, and a region or an indicator must be named",
        )
    try:
        last_day(values["until"])
    except (ValueError, calendar.IllegalMonthError) as error:
        raise refuse(f"until 不是期别：{values['until']}", f"until is not a period: {values['until']}") from error
    return Waiver(**{key: values.get(key) for key in FIELDS})
