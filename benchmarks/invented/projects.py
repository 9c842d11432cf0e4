"""Housing and construction projects: ledgers that grow, a row a project."""

from __future__ import annotations

import numpy as np
import polars as pl

from benchmarks.invented.chance import apportioned, between, chosen, pick, rarely, starts
from benchmarks.invented.facilities import first_day
from benchmarks.invented.size import month_number
from benchmarks.invented.territory import Territory
from benchmarks.ledger_registers import Numbers

HORIZON = 144


def _by_county(territory: Territory, total: int) -> tuple[Numbers, Numbers]:
    """(place of the county, number) of so many projects."""
    parts = apportioned(total, territory.weight)
    county = np.repeat(np.arange(len(parts)), parts)
    return county, territory.county[county] * 10_000 + np.arange(total) - starts(parts)[county]


def residential(territory: Territory, year: int) -> pl.DataFrame:
    """Rows of the year's register of housing: existing estates, and new ones up to the year."""
    county, number = _by_county(territory, territory.size.residential_projects)
    town = chosen(territory.first_town[county], territory.towns_of_county[county], number, 100)
    end = month_number(str(year))
    built = territory.size.last_year * 12 + 12 - between(1, HORIZON, number, 101)
    is_new = ~rarely(400, number, 102)
    at = np.flatnonzero(~is_new | (built <= end + 12))
    county, number, town, built, is_new = county[at], number[at], town[at], built[at], is_new[at]
    done = is_new & (built <= end)
    households = between(80, 3_000, number, 103)
    owed = households * 3 // 10
    pending = pl.Series(is_new & ~done)
    rows = {
        "supplier": territory.supplier.gather(county),
        "project_id": pl.Series(number).cast(pl.String),
        "project_name": pl.Series(number).cast(pl.String) + "小区",
        "county_code": territory.county_code.gather(county),
        "town_code": territory.town_code.gather(town),
        "project_kind": pl.Series(["已建成", "新建"]).gather(is_new.astype(int)),
        "households": households,
        "population": households * between(20, 32, number, 104) // 10,
        "eldercare_area_required": owed,
        "eldercare_area": owed * between(60, 160, number, 105) // 100,
        "childcare_area_required": pl.Series(np.full(len(at), 200)),
        "childcare_area": between(0, 500, number, 106),
        "childcare_places": households // 40,
        **{name: rarely(900, number, 107 + place)
           for place, name in enumerate(("sync_planned", "sync_built", "sync_accepted", "sync_delivered"))},
        "accepted_on": first_day(built).set(pl.Series(~done), None),
        "status": pl.Series(["在建"] * len(at)).zip_with(pending, pl.Series(["已交付"] * len(at))),
    }  # fmt: skip
    return pl.DataFrame(rows)


def construction(territory: Territory, year: int) -> pl.DataFrame:
    """Rows of the year's ledger of construction projects: those begun by the year's end."""
    county, number = _by_county(territory, territory.size.construction_projects)
    begun = territory.size.last_year * 12 + 12 - between(1, HORIZON, number, 120)
    at = np.flatnonzero(begun <= month_number(str(year)))
    county, number, begun = county[at], number[at], begun[at]
    finished = begun + between(6, 30, number, 121)
    done = pl.Series(finished <= month_number(str(year)))
    elder = rarely(650, number, 122)
    homes = pick(["养老机构", "养老机构", "区域养老服务中心", "失能特困集中照护点", "健康养老基地"], number, 123)
    planned = between(1_000_000, 80_000_000, number, 124)
    rows = {
        "supplier": territory.supplier.gather(county),
        "project_id": "J" + pl.Series(number).cast(pl.String),
        "project_name": pl.Series(number).cast(pl.String) + "号项目",
        "county_code": territory.county_code.gather(county),
        "project_kind": pl.Series(["托育", "养老"]).gather(elder.astype(int)),
        "sub_kind": homes.zip_with(pl.Series(elder), pl.Series(["托育机构"] * len(at))),
        "nature": pick(["新建", "改扩建", "改建"], number, 125),
        "plan_code": pl.Series(["BENCH"] * len(at)).set(pl.Series(rarely(400, number, 126)), None),
        "planned_investment": planned,
        "completed_investment": planned.copy() // 2,
        "new_beds": pl.Series(between(10, 300, number, 127)).set(pl.Series(~elder), None),
        "new_places": pl.Series(between(10, 120, number, 128)).set(pl.Series(elder), None),
        "started_on": first_day(begun),
        "completed_on": first_day(finished).set(~done, None),
        "status": pl.Series(["在建"] * len(at)).zip_with(~done, pl.Series(["完工"] * len(at))),
    }
    return pl.DataFrame(rows)
