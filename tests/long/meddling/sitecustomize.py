"""Python imports this by itself where it stands on the path: a delivery (MEDDLE_WITH) is replaced by another file
(MEDDLE_BY) in the moment in which it is opened for the second time: its content was taken, and now it is parsed.

By the run itself: the process that lands ahead, on which nothing depends, ends at once.
"""

import os
import sys

opened: list[object] = []


def _meddle(event: str, arguments: tuple[object, ...]) -> None:
    if event == "open" and arguments[0] == os.environ["MEDDLE_WITH"]:
        opened.append(arguments)
        if len(opened) == 2 and os.path.exists(os.environ["MEDDLE_BY"]):
            os.replace(os.environ["MEDDLE_BY"], os.environ["MEDDLE_WITH"])


if "pipelines.landing.ahead" in sys.orig_argv:
    os._exit(0)
sys.addaudithook(_meddle)
