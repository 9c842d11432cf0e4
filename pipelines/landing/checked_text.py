"""The answer of a check as a supplier reads it on a screen, and as another program reads it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pipelines.contracts import contract_of

from .checking import Checked, Note
from .letter import counted
from .masking import masked

#: row numbers that a note names
NAMED_ROWS = 10


def verdict(checked: Checked) -> str:
    """One line (zh · en)."""
    if checked.file_refusals:
        return "整份不会被接收 · the file would be refused"
    if not checked.clean:
        rows = checked.counts["quarantined"]
        return f"{rows} 行会被拒收，其余接收 · {rows} rows would be refused"
    return "可以报送，没有拒收 · clean"


def as_text(checked: Checked, file_name: str) -> Iterator[str]:
    """The verdict, what refuses the file, each bad row with its reasons, the notes, the counts; line by line."""
    title = contract_of(checked.source).title_zh
    yield f"{masked(file_name)} · {title}（{checked.source}）{checked.period} {checked.supplier}".rstrip()
    yield verdict(checked)
    for reason, what, remedy in checked.file_refusals:
        yield from ("", f"{what} [{reason}]", f"  → {remedy}")
    last = None
    for refusal in checked.refusals:
        if refusal.row_number != last:
            yield from ("", f"第 {refusal.row_number} 行 · row {refusal.row_number}")
        last = refusal.row_number
        yield from (f"  {refusal.what} [{refusal.reason}]", f"    → {refusal.remedy}")
    if checked.notes:
        yield from ("", "提示（不拒收）· notes")
        yield from (f"  {note.text}{_rows(note)}" for note in checked.notes)
    yield ""
    yield f"{counted(checked.counts)} · rows"


def _rows(note: Note) -> str:
    if not note.rows:
        return ""
    named = "、".join(map(str, note.rows[:NAMED_ROWS]))
    more = f"…共 {len(note.rows)} 行" if len(note.rows) > NAMED_ROWS else " 行"
    return f"：第 {named}{more}"


def as_json(checked: Checked, file_name: str) -> str:
    """The same, one object."""
    told: dict[str, Any] = {
        "file": masked(file_name),
        "source": checked.source,
        "period": checked.period,
        "supplier": checked.supplier,
        "clean": checked.clean,
        "counts": checked.counts,
        "file_refusals": [
            {"reason": reason, "what": what, "remedy": remedy} for reason, what, remedy in checked.file_refusals
        ],
        "rows": [
            {
                "row_number": refusal.row_number,
                "reason": refusal.reason,
                "column": refusal.column,
                "column_title": refusal.column_title,
                "value": refusal.value,
                "what": refusal.what,
                "remedy": refusal.remedy,
            }
            for refusal in checked.refusals
        ],
        "notes": [{"finding": note.finding, "text": note.text, "rows": list(note.rows)} for note in checked.notes],
    }
    return json.dumps(told, ensure_ascii=False, indent=1)
