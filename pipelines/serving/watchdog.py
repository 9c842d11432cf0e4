"""Ends what takes too long. An account can lift the time-outs of its own connection; this runs outside of it."""

from __future__ import annotations

from pipelines.serving.accounts import Limits
from pipelines.serving.server import Connection

# A statement is cancelled first; a transaction, or a statement that does not stop, loses its connection. LISTEN and the
# like hold nothing that others need.
OVERDUE = """
    select activity.pid, activity.usename,
        case
            when activity.state = 'active'
                and clock_timestamp() - activity.query_start between %(statement)s::interval
                and %(statement)s::interval + interval '5 s'
                then 'cancel'
            else 'terminate'
        end as what
    from pg_stat_activity as activity
    inner join carestat.account on activity.usename = account.name
    where
        activity.pid <> pg_backend_pid()
        and (
            activity.state = 'active' and clock_timestamp() - activity.query_start > %(statement)s::interval
            or activity.xact_start is not null and clock_timestamp() - activity.xact_start > %(transaction)s::interval
        )
    order by activity.pid
"""


def end_overdue(connection: Connection, limits: Limits | None = None) -> list[str]:
    """Cancel statements and end connections over their limits; the accounts they were of."""
    limits = limits or Limits()
    bounds = {
        "statement": f"{limits.statement_seconds} seconds",
        "transaction": f"{limits.transaction_seconds} seconds",
    }
    found = connection.execute(OVERDUE, bounds).fetchall()
    for pid, _, what in found:
        connection.execute(f"select pg_{what}_backend(%s)", [pid])
    return [name for _, name, _ in found]
