"""Messages of errors without places of the machine and without numbers of persons."""

from __future__ import annotations

import re

from pipelines.landing.masking import masked
from pipelines.operations.outcome import Failure
from pipelines.settings import PROJECT, Settings

#: longest message that is told
LONGEST = 600
#: a path from the root on: its last name is told
PLACE = re.compile(r"(?<![\w.…:/])/(?:[\w.@+=-]+/)+([\w.@+=-]*)")


def scrubbed(failure: Failure, settings: Settings) -> Failure:
    """The failure as it may be sent and kept."""
    text = masked(failure.message) or ""
    for folder, name in ((settings.raw, "raw"), (settings.var, "var"), (PROJECT, "carestat")):
        text = text.replace(str(folder), name)
    text = PLACE.sub(r"…/\1", text).strip()
    return Failure(failure.step, text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
