"""Another time of day for the processes of a run: the machine's own clock is left alone."""

from __future__ import annotations

import subprocess
import time
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

SOURCE = Path(__file__).with_name("clock.c")


def moment(at: str, zone: str, fold: int = 0) -> datetime:
    """`2026-03-29 01:59:40` as a clock in `zone` shows it; `fold` 1 is the second of an hour that comes twice."""
    return datetime.fromisoformat(at).replace(tzinfo=ZoneInfo(zone), fold=fold)


def set_to(when: datetime, library: Path) -> dict[str, str]:
    """Variables for a process that is started now and shall believe it is `when`, in that moment's time zone."""
    return {
        "LD_PRELOAD": str(library),
        "CLOCK_OFFSET": str(round(when.timestamp() - time.time())),
        "TZ": str(when.tzinfo),
    }


@cache
def library(folder: Path) -> Path:
    """The compiled clock (needs a C compiler), proved to work."""
    built = folder / "clock.so"
    subprocess.run(["cc", "-O2", "-Wall", "-shared", "-fPIC", "-o", built, SOURCE], check=True)
    when = moment("2026-01-01 00:00:30", "Asia/Shanghai")
    shown = subprocess.run(["date", "+%F %R"], env=set_to(when, built), capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "2026-01-01 00:00", shown.stdout
    return built
