"""Python imports this by itself where it stands on the path: the run kills itself, its whole process group, just before
it renames something to a path that contains DIE_BEFORE, or at the rename of number DIE_AT, counted over all its
processes in the file RENAMES. For moments too short to be hit from outside."""

import os
import signal
import sys
from pathlib import Path

BEFORE, AT, COUNTED = os.environ.get("DIE_BEFORE"), int(os.environ.get("DIE_AT", "0")), os.environ.get("RENAMES")


def _die(event: str, arguments: tuple[object, ...]) -> None:
    if event != "os.rename":
        return
    target = str(arguments[1])
    if COUNTED:
        with open(COUNTED, "a", encoding="utf-8") as counted:
            counted.write(target + "\n")
        if Path(COUNTED).read_bytes().count(b"\n") == AT:
            os.killpg(0, signal.SIGKILL)
    if BEFORE and BEFORE in target:
        os.killpg(0, signal.SIGKILL)


sys.addaudithook(_die)
