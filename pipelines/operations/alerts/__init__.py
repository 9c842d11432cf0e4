"""Word to people by webhook and e-mail: when a night went wrong, deliveries are late, marts stale, the disk full, and
when all is well again. Nobody is told twice within a day of what has not changed (docs/operations/alerts.md).

`tell` after each night, `watch` every hour; both look at everything. `status_lines` for `carestat status`.
"""

from pipelines.operations.alerts.telling import Told, status_lines, tell, watch

__all__ = ["Told", "status_lines", "tell", "watch"]
