"""The deliveries that lie in raw/, each with what the last finished run made of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from pipelines.landing.discover import DeliveredFile
from pipelines.landing.hash_key import KeyUnreadable
from pipelines.operations.record import Record
from pipelines.settings import Settings
from pipelines.warehouse.state import landing_of, may_look

RECORDED = """
    select source, period, supplier, revision, path, sha256, received_at, state, coalesce(reason, '') as reason
    from {ops}.delivery
    order by path
"""


@dataclass(frozen=True)
class Delivered:
    """One file. `state` as in ops.delivery, or "waiting" where no run has looked at this content yet; `is_replaced`:
    its name holds other bytes than once."""

    source: str
    period: str
    supplier: str
    revision: int
    path: str
    received_at: datetime
    state: str
    reason: str = ""
    is_replaced: bool = False

    @property
    def is_refused(self) -> bool:
        return self.state == "rejected"

    @property
    def rank(self) -> tuple[str, int, str]:
        """The last one stands, also when it was refused."""
        return (self.period, self.revision, self.path)


def arrived(settings: Settings, record: Record) -> list[Delivered]:
    """Every delivery in raw/; where raw/ cannot be looked at, those that the run recorded."""
    recorded = record.rows(RECORDED)
    try:
        files = landing_of(settings).discover().files if may_look(settings) else None
    except (OSError, KeyUnreadable):
        files = None
    if files is None:
        return [_recorded(row) for row in recorded]
    known = {(row["path"], row["sha256"]): row for row in recorded}
    return [_delivered(file, known.get((file.shown, file.sha256))) for file in files]


def _delivered(file: DeliveredFile, row: dict[str, object] | None) -> Delivered:
    state, reason = (str(row["state"]), str(row["reason"])) if row else ("waiting", "")
    return Delivered(
        file.source, file.period, file.supplier, file.revision, file.shown, file.received_at, state, reason,
        bool(file.former),
    )  # fmt: skip


def _recorded(row: dict[str, object]) -> Delivered:
    known = {name: value for name, value in row.items() if name != "sha256"}
    return Delivered(**{**known, "received_at": row["received_at"].replace(tzinfo=UTC)})
