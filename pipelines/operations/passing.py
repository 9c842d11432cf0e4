"""Which failures of a step may pass by themselves, so that the run is worth beginning again at once."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator

import dagster as dg
from dagster._core.storage.tags import RETRY_ON_ASSET_OR_OP_FAILURE_TAG

#: what the system says of files, disks and memory that may be back in a moment; a full disk is not among them
MOMENTARY = {
    errno.EAGAIN,
    errno.EBUSY,
    errno.EINTR,
    errno.EIO,
    errno.ENOMEM,
    errno.ESTALE,
    errno.ETIMEDOUT,
    errno.ETXTBSY,
}
#: a process of the run that a signal ended, most often for want of memory; a file that somebody else has open
SAID = re.compile(r"(?:exit code|ended with code)[ `']*-\d|Could not set lock on file|database is locked")


def may_pass(error: BaseException) -> bool:
    """Whether a step may succeed when it is done once more. A failed check or model never does."""
    return any(
        isinstance(one, MemoryError)
        or (isinstance(one, OSError) and one.errno in MOMENTARY)
        or SAID.search(str(one)) is not None
        for one in _chain(error)
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@dg.failure_hook
def begin_again_if_it_may_pass(context: dg.HookContext) -> None:
    """Lets run_retries (dagster.yaml) begin a run again although a step failed, which it otherwise never does."""
    error = context.op_exception
    if error is not None and may_pass(error):
        context.instance.add_run_tags(context.run_id, {RETRY_ON_ASSET_OR_OP_FAILURE_TAG: "true"})
