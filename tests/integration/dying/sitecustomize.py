"""Python imports this by itself where it stands on the path: the run kills itself, its whole process group, just before
it renames something to a path that contains DIE_BEFORE. For moments too short to be hit from outside."""

import os
import signal
import sys


def _die(event: str, arguments: tuple[object, ...]) -> None:
    if event == "os.rename" and os.environ["DIE_BEFORE"] in str(arguments[1]):
        os.killpg(0, signal.SIGKILL)


sys.addaudithook(_die)
