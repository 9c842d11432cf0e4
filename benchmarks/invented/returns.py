"""Departments' returns: every item of the registry for every region that it is born at, now and then a blank."""

from __future__ import annotations

import csv
from collections.abc import Iterator

import numpy as np
import polars as pl

from benchmarks.invented.chance import between, rarely, share
from benchmarks.invented.people import residents
from benchmarks.invented.territory import NATION, Territory
from pipelines.contracts import SEEDS
from pipelines.settings import PROJECT

COUNTED = slice(0, 0)
ALL, FROM_16, FROM_60, FROM_65, UNDER_3 = slice(0, None), slice(16, None), slice(60, None), slice(65, None), slice(0, 3)
#: item → (what it is a part of: residents of some ages or another item; COUNTED is no part), least, greatest part
PARTS: dict[str, tuple[slice | str, float, float]] = {
    "pension_base": (FROM_16, 0.75, 0.85),
    "pension_insured": ("pension_base", 0.85, 0.99),
    "medical_base": (ALL, 0.97, 1.0),
    "medical_insured": (ALL, 0.92, 1.0),
    "elderly65_health_managed": (FROM_65, 0.5, 0.85),
    "infant_base": (UNDER_3, 0.95, 1.0),
    "infant_health_managed": ("infant_base", 0.8, 0.99),
    "med_elder_served": (FROM_60, 0.02, 0.25),
    "hospitals_l2_general_tcm": (COUNTED, 2, 12),
    "hospitals_l2_geriatric": ("hospitals_l2_general_tcm", 0.2, 1.0),
    "level2_medical_institutions": (COUNTED, 2, 20),
    "above_scale_eldercare_enterprises": (COUNTED, 0, 5),
    "emergencies_total": (COUNTED, 1, 12),
    "emergencies_handled": ("emergencies_total", 0.8, 1.0),
    "special_equipment_in_use": (COUNTED, 20, 400),
    "special_equipment_registered": ("special_equipment_in_use", 0.9, 1.0),
    "special_equipment_due": (COUNTED, 10, 300),
    "special_equipment_inspected": ("special_equipment_due", 0.9, 1.0),
    "care_workforce_trained": (COUNTED, 20, 800),
    "nursing_staff_trained": (COUNTED, 20, 600),
    "professionals_trained_cum": (COUNTED, 100, 3_000),
    "vocational_enrolment": (COUNTED, 0, 400),
    "elders_regular_education": (FROM_60, 0.05, 0.2),
    "elder_land_area": (ALL, 0.05, 0.3),
    "community_elder_land_area": ("elder_land_area", 0.2, 0.6),
    "elder_social_workers": (FROM_60, 0.0005, 0.003),
    "urban_disposable_income": (COUNTED, 24_000, 62_000),
    "elders_basic_service": (FROM_60, 0.3, 0.9),
    "eldercare_beds_reported": (FROM_60, 0.02, 0.05),
    "childcare_places_reported": (ALL, 0.002, 0.005),
}
FEW = (COUNTED, 0, 2)  # counted things that a county has a few of at most
OWN = {"local_standards": (4, 30), "reported_life_expectancy": (75, 82), "training_bases_own": (1, 3),
       "urban_disposable_income": (26_000, 60_000)}  # fmt: skip
BULLETIN = {"published_60plus_share": 60, "published_65plus_share": 65}


def items() -> list[dict[str, str]]:
    """The items that departments report, in the order of the registry."""
    path = PROJECT / "dbt_project" / "seeds" / f"{SEEDS['agency_returns']}.csv"
    with path.open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


def returns(territory: Territory, year: int) -> pl.DataFrame:
    """Rows of the year's returns."""
    return pl.concat([*_of_counties(territory, year), *_of_governments(territory, year), _of_nation(territory, year)])


def _of_counties(territory: Territory, year: int) -> Iterator[pl.DataFrame]:
    people = residents(territory, year).sum(axis=1)
    figures: dict[str, np.ndarray] = {}
    of_county = [row for row in items() if row["born_level"] == "county"]
    of_county.sort(key=lambda row: isinstance(PARTS.get(row["item_code"], FEW)[0], str))  # a part after its whole
    for place, item in enumerate(of_county):
        code = item["item_code"]
        of, low, high = PARTS.get(code, FEW)
        if of == COUNTED:
            told = between(int(low), int(high), territory.county, 130, place, year)
        else:
            whole = figures[of] if isinstance(of, str) else people[:, of].sum(axis=1)
            told = np.floor(whole * (low + (high - low) * share(territory.county, 131, place, year))).astype(np.int64)
        if code == "four_level_education_network":
            told = np.minimum(told, territory.towns_of_county)
        figures[code] = told = np.maximum(told, int(float(item["min"])))
        blank = rarely(0.3, territory.county, 132, place, year)
        value = pl.Series(told.astype(np.float64)).set(pl.Series(blank), None)
        yield _rows(territory.supplier, territory.county_code, item, value)


def _of_governments(territory: Territory, year: int) -> Iterator[pl.DataFrame]:
    provinces = [f"{digits}0000" for digits in territory.provinces]
    for place, item in enumerate(items()):
        known = OWN.get(item["item_code"])
        if known is None:
            continue
        codes = [*provinces, *(territory.prefecture_code if item["born_level"] != "province" else [])]
        told = between(*known, np.array(list(map(int, codes))), 133, place, year).astype(np.float64)
        yield _rows(pl.Series([f"{code[:2]}0000" for code in codes]), pl.Series(codes), item, pl.Series(told))


def _of_nation(territory: Territory, year: int) -> pl.DataFrame:
    people = residents(territory, year).sum(axis=(0, 1))
    shares = [round(100 * people[age:].sum() / people.sum(), 2) for age in BULLETIN.values()]
    by_code = {row["item_code"]: row for row in items()}
    return pl.concat(
        _rows(pl.Series([NATION]), pl.Series([NATION]), by_code[code], pl.Series([value], dtype=pl.Float64))
        for code, value in zip(BULLETIN, shares, strict=True)
    )


def _rows(supplier: pl.Series, region: pl.Series, item: dict[str, str], value: pl.Series) -> pl.DataFrame:
    return pl.DataFrame(
        {"supplier": supplier, "region_code": region, "value": value},
    ).with_columns(
        pl.lit(item["item_code"]).alias("item_code"),
        pl.lit(item["unit"]).alias("unit"),
        pl.lit(item["supplier_department"]).alias("reporter"),
    )
