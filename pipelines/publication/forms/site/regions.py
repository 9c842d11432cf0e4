"""A page per region with its figures of the year, and the list of regions."""

from __future__ import annotations

from collections.abc import Iterator

from .lookup import Lookup
from .page import Page


def pages(look: Lookup) -> Iterator[Page]:
    yield Page("regions/index.html", "region_list.html", "地区", "Regions", "regions/index.html")
    for code, region in look.book.regions.items():
        above = [look.book.regions[each] for each in look.ancestors(code)][::-1]
        yield Page(
            f"regions/{code}.html",
            "region.html",
            region["region_name"],
            f"Region {code}",
            "regions/index.html",
            {
                "region": region,
                "above": above[:-1],
                "children": look.children.get(code, []),
                "documents": look.book.rows("documents", region_code=code),
                "figures": look.of_region.get(code, []),
            },
        )
