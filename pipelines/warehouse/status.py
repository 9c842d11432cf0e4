"""Which critical checks the last run failed: for whoever started it, and for alerts."""

from __future__ import annotations

import duckdb

from pipelines.settings import Settings

FAILED = """
    select suite, "check", reason_zh, coalesce(nullif(error, ''), detail)
    from check_result
    where not success and not waived and severity = 'critical'
    order by all
"""


def failed_checks(settings: Settings) -> list[str]:
    """The critical checks that the last run failed, with the rows they name."""
    if not settings.ops.exists():
        return []
    with duckdb.connect(str(settings.ops), read_only=True) as connection:
        failed = connection.execute(FAILED).fetchall()
    return [f"{suite}.{check}：{reason}\n{rows}" for suite, check, reason, rows in failed]
