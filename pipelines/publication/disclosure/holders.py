"""Who is shown more than a reader of editions: the holder of an account sees the counts of his own region."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Holder:
    """An account of `region_code`. `own`: the codes that his region has had; `sees`: all regions whose counts he is
    shown; `above`: (region_code, YYYY) of all that his own was part of.
    """

    region_code: str
    own: frozenset[str]
    sees: frozenset[str]
    above: frozenset[tuple[str, str]]

    def view(self, counts: Sequence[tuple[str, str, str, float]]) -> View:
        """What he knows of counts (family, region_code, period, value); a month is of its year."""
        his: dict[tuple[str, str], float] = defaultdict(float)
        for family, region_code, period, value in counts:
            if region_code in self.own:
                his[family, period] += value
        seen, parts = set(), {}
        for place, (family, region_code, period, _) in enumerate(counts):
            if region_code in self.sees:
                seen.add(place)
            elif (region_code, period[:4]) in self.above and (family, period) in his:
                parts[place] = his[family, period]
        return View(frozenset(seen), parts)


@dataclass(frozen=True)
class View:
    """Numbered counts: those that are `seen`, hidden or not, and of others the part that is known to be in them."""

    seen: frozenset[int] = frozenset()
    parts: Mapping[int, float] = field(default_factory=dict)


EVERYONE = View()
