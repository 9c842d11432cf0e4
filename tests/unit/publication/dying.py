"""Publishes the tiny release and dies at a moment: `python -m tests.unit.publication.dying FOLDER form|place`."""

import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipelines.publication import edition
from pipelines.publication.book import Book
from pipelines.settings import PROJECT, Settings
from tests.unit.publication.tiny_release import FORMS, content


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def half_a_form(_: Book, folder: Path) -> None:
    (folder / "half.html").write_text("<p>half")
    die()


if __name__ == "__main__":
    place, moment = Path(sys.argv[1]), sys.argv[2]
    settings = Settings(place / "raw", place / "var", place / "dbt", PROJECT / "expectations")
    if moment == "place":
        os.rename = die
    forms = FORMS if moment == "place" else (*FORMS, ("half", half_a_form))
    edition.publish(settings, edition.Request("2025"), datetime(2026, 6, 1, tzinfo=UTC), None, forms, content())
