"""The yearly ledger of communities and villages: what a place has once had it keeps."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.invented.chance import between, share
from benchmarks.invented.territory import Territory

#: flags and how many in a thousand have them at first and twelve years on
FLAGS = {
    "has_daycare": (250, 800),
    "has_home_service": (500, 950),
    "has_home_institution": (300, 800),
    "svc_meal": (400, 900),
    "svc_cleaning": (350, 850),
    "svc_bathing": (250, 800),
    "svc_mobility": (350, 850),
    "has_emergency_rescue": (300, 900),
    "has_visit_system": (500, 980),
    "three_society_linkage": (200, 800),
    "facility_compliant": (400, 900),
    "rural_mutual_demo": (5, 60),
    "home_visit_demo": (5, 40),
    "age_friendly_demo": (2, 30),
}


def communities(territory: Territory, year: int) -> pl.DataFrame:
    """Rows of the year's ledger, community by community."""
    parts = territory.communities_of_town
    town = np.repeat(np.arange(len(parts)), parts)
    order = np.arange(len(town)) - territory.first_community[town]
    number = territory.town[town] * 1000 + 1 + order
    of_street = territory.is_street[town]
    kind = np.where(of_street, 0, np.where(share(number, 50) < 0.15, 1, 2))
    size = np.where(kind == 0, 6_000, np.where(kind == 1, 3_500, 1_400))
    people = np.floor(size * (0.2 + 2.4 * share(number, 51) ** 2) * (1 + 0.002 * (year - 2020))).astype(np.int64)
    people += np.where((kind == 0) & (share(number, 52) < 0.03), 20_000, 0)

    def part(of: np.ndarray, low: float, high: float, salt: int) -> np.ndarray:
        return np.floor(of * (low + (high - low) * share(number, salt))).astype(np.int64)

    old = part(people, 0.12, 0.35, 53)
    disabled = part(old, 0.03, 0.08, 54)
    grown = min(max((year - 2014) / 11, 0.0), 1.0)
    had = {name: share(number, 60 + place) * 1000 < first + (last - first) * grown
           for place, (name, (first, last)) in enumerate(FLAGS.items())}  # fmt: skip
    unknown = pl.Series(share(number, 55) < 0.002)
    rows = {
        "supplier": territory.supplier.gather(territory.town_county[town]),
        "community_code": pl.Series(number).cast(pl.String),
        "community_name": pl.Series(["第"] * len(number)) + pl.Series(order + 1).cast(pl.String)
        + pl.Series(["社区", "社区", "村"]).gather(kind),
        "town_code": territory.town_code.gather(town),
        "county_code": territory.county_code.gather(territory.town_county[town]),
        "community_type": pl.Series(["城市社区", "镇社区", "村"]).gather(kind),
        "households": people * 10 // 26,
        "population": pl.Series(people).set(unknown, None),
        "elderly_60": pl.Series(old).set(unknown, None),
        "disabled_elders": pl.Series(disabled).set(unknown, None),
        "disabled_elders_supported": pl.Series(part(disabled, 0.4 + 0.4 * grown, 1.0, 56)).set(unknown, None),
        "eldercare_places": between(0, 3, number, 57),
        "visiting_officers": between(0, 2, number, 58),
        **had,
    }  # fmt: skip
    return pl.DataFrame(rows)
