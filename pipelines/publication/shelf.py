"""Where editions stand: <publication>/<year>/<edition>/, each complete and never changed again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import polars.selectors as cs

from pipelines.landing.store import read_json
from pipelines.publication.book import TABLES

NAME = re.compile(r"\d{4}(?:-[1-9]\d{0,2})?", re.ASCII)
MANIFEST = "manifest.json"


def is_year(text: str) -> bool:
    return bool(re.fullmatch(r"\d{4}", text, re.ASCII))


def is_name(text: str) -> bool:
    """A year, for its latest edition, or year-edition."""
    return bool(NAME.fullmatch(text))


class NoEdition(Exception):
    """No edition of that name is kept."""


@dataclass(frozen=True)
class Edition:
    """A kept edition."""

    year: str
    number: int
    folder: Path

    @property
    def name(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def manifest(self) -> dict:
        """What manifest.json says; empty where it cannot be read."""
        return read_json(self.folder / MANIFEST) or {}

    def tables(self) -> dict[str, pl.DataFrame]:
        """The published tables as anyone can read them from the edition; dates as in a book, which are text."""
        files = {name: self.folder / "data" / "parquet" / f"{name}.parquet" for name in TABLES}
        return {
            name: pl.read_parquet(file).with_columns(cs.date().cast(pl.String))
            for name, file in files.items()
            if file.exists()
        }


@dataclass(frozen=True)
class Shelf:
    """All editions of one installation."""

    root: Path

    def kept(self) -> list[Edition]:
        """In order of year and number."""
        found = [
            Edition(folder.parent.name, int(folder.name), folder)
            for folder in self.root.glob("[0-9][0-9][0-9][0-9]/*")
            if folder.is_dir() and folder.name.isdecimal()
        ]
        return sorted(found, key=lambda edition: (edition.year, edition.number))

    def named(self, name: str) -> Edition:
        """'2025-1', or the latest edition of '2025'. Raises NoEdition, naming those that are kept."""
        kept = self.kept()
        fitting = [one for one in kept if name in (one.year, one.name)]
        if not fitting:
            listed = "、".join(one.name for one in kept) or "无 · none"
            raise NoEdition(f"没有公报 {name} · no such edition; 现有 · kept: {listed}")
        return fitting[-1]

    def confidential(self, name: str) -> Path:
        """Where the true counts behind an edition are kept, which the disclosure plans of later ones need."""
        return self.root / "confidential" / f"{name}.parquet"

    def latest(self, year: str) -> Edition | None:
        return next((one for one in reversed(self.kept()) if one.year == year), None)

    def former(self, year: str) -> Edition | None:
        """What a new edition of the year is compared with: its latest edition, else the latest of the years before."""
        return next((one for one in reversed(self.kept()) if one.year <= year), None)
