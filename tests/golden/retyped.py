"""Figures retyped from the documents, one CSV beside the tests of each document: what the marts must say."""

import csv
import re
from pathlib import Path

GOLDEN = Path(__file__).resolve().parent
DOCUMENTS = ("banan_2021_74", "dazhou_yilaoyixiao", "guizhou_2022_6", "guizhou_2023_21", "henan_2023")


def retyped(name: str) -> list[dict[str, str | None]]:
    """The rows of `<folder>/<file>.csv`; an empty cell is None: nothing is printed there."""
    with (GOLDEN / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return [{column: cell or None for column, cell in row.items()} for row in csv.DictReader(lines)]


def departments(cell: str | None) -> list[str]:
    """Names in the printed order, kept apart by `;` or, as printed, by 、 (some names hold a 、 in brackets)."""
    return re.split(r"[;；]|、(?![^()]*\))", cell) if cell else []
