"""A page of the site: where it is written, what it is called, which template shows what."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .lookup import Lookup


@dataclass(frozen=True)
class Page:
    """`path` from the site's root. `section` is the part of the navigation that the page belongs to (its path)."""

    path: str
    template: str
    title: str
    title_en: str
    section: str = ""
    content: dict[str, Any] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The way from the page to the site's root."""
        return "../" * self.path.count("/")


Pages = Callable[[Lookup], Iterator[Page]]
