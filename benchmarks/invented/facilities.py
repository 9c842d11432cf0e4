"""The registers of facilities, month by month: homes and services for the elderly, nurseries."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import polars as pl

from benchmarks.invented.chance import apportioned, between, chosen, pick, rarely, share, starts
from benchmarks.invented.size import month_number
from benchmarks.invented.territory import Territory
from benchmarks.ledger_registers import Numbers

#: facilities open and close within so many months before the end
HORIZON = 180
NEVER = 10**6
#: kinds, as often as they come
INSTITUTIONS = {"养老院": 6, "敬老院": 4, "嵌入式养老机构": 3, "区域养老服务中心": 2, "社会福利院": 1, "养护院": 1}
SERVICES = {"社区日间照料中心": 5, "社区养老服务站": 4, "农村幸福院": 5, "街道综合养老服务设施": 2, "老年助餐点": 1}
NURSERIES = {"托育机构": 40, "幼儿园托班": 30, "社区托育点": 15, "家庭托育点": 10, "托育服务指导中心": 1}
PUBLIC = ["敬老院", "社会福利院", "养护院", "区域养老服务中心"]
STARS = ["未评定"] * 5 + ["一星级", "二星级", "三星级", "四星级", "五星级"]


def first_day(months: Numbers) -> pl.Series:
    """Days in the given months."""
    return pl.select(pl.date(pl.Series(months // 12), pl.Series(months % 12 + 1), 15)).to_series()


def often(kinds: dict[str, int]) -> list[str]:
    """Each kind as often as it comes."""
    return [kind for kind, times in kinds.items() for _ in range(times)]


class Facilities:
    """Facilities of one register, those of a county together; arrays of one length."""

    def __init__(self, territory: Territory, total: int, mark: str, salt: int) -> None:
        self.territory, self.salt = territory, salt
        self.of_county = apportioned(total, territory.weight)
        self.first = starts(self.of_county)
        self.county = np.repeat(np.arange(len(self.of_county)), self.of_county)
        order = np.arange(total) - self.first[self.county]
        self.number = territory.county[self.county] * 100_000 + order
        self.facility_id = pl.Series(
            territory.county_code.gather(self.county) + mark + pl.Series(order).cast(pl.String).str.zfill(6)
        )
        self.town = chosen(territory.first_town[self.county], territory.towns_of_county[self.county], self.number, salt)

    def draw(self, salt: int, *more: int) -> np.ndarray:
        return share(self.number, self.salt, salt, *more)

    @cached_property
    def opened(self) -> Numbers:
        """Month of opening; a fifth of them open within the horizon."""
        end = self.territory.size.last_year * 12 + 12
        late = end - HORIZON + between(0, HORIZON - 1, self.number, self.salt, 2)
        return np.where(self.draw(1) < 0.2, late, end - HORIZON - 1 - between(0, 240, self.number, self.salt, 3))

    @cached_property
    def closed(self) -> Numbers:
        """Month of closing, if ever."""
        later = np.maximum(self.opened, self.territory.size.last_year * 12 + 12 - HORIZON)
        return np.where(self.draw(4) < 0.1, later + 6 + between(0, HORIZON, self.number, self.salt, 5), NEVER)

    def listed(self, month: int) -> Numbers:
        """Which stand in the month's register: those open, and those closed since the year before."""
        return np.flatnonzero((self.opened <= month) & (self.closed >= month // 12 * 12))

    def place(self, at: Numbers, month: int, name: str) -> pl.DataFrame:
        """What every facility tells of itself."""
        territory, town = self.territory, self.town[at]
        order = between(0, 10**6, self.number[at], self.salt, 6) % territory.communities_of_town[town]
        inside = self.draw(7)[at] < 0.7
        closed = self.closed[at] <= month
        return pl.DataFrame(
            {
                "supplier": territory.supplier.gather(self.county[at]),
                "facility_id": self.facility_id.gather(at),
                "facility_name": territory.town_code.gather(town) + name + self.facility_id.gather(at).str.slice(8),
                "county_code": territory.county_code.gather(self.county[at]),
                "town_code": territory.town_code.gather(town),
                "community_code": territory.community_code(town, order).set(pl.Series(~inside), None),
                "urban_rural": pl.Series(["乡村", "镇区", "城市"]).gather(
                    np.where(territory.is_street[town], 2, (self.draw(8)[at] < 0.4).astype(int))
                ),
                "opened_on": first_day(self.opened[at]),
                "closed_on": first_day(np.minimum(self.closed[at], month)).set(pl.Series(~closed), None),
                "status": pl.Series(["运营", "关闭", "暂停"]).gather(
                    np.where(closed, 1, np.where(self.draw(9)[at] < 0.01, 2, 0))
                ),
            }
        )


class Homes(Facilities):
    """养老机构与设施: two in five are institutions with beds; sizes are skewed, a few are very large."""

    def __init__(self, territory: Territory) -> None:
        super().__init__(territory, territory.size.elderly_facilities, "YL", 20)
        self.is_institution = self.draw(10) < 0.4
        self.kind = pick(often(INSTITUTIONS), self.number, 20, 11).zip_with(
            pl.Series(self.is_institution), pick(often(SERVICES), self.number, 20, 11)
        )
        large = 10 + np.floor(290 * self.draw(12) ** 2.5) + np.where(self.draw(13) < 0.01, 600, 0)
        self.beds = np.where(self.is_institution, large, np.floor(12 * self.draw(12))).astype(np.int64)

    def residents(self, month: int) -> Numbers:
        """Persons in the beds of institutions at the month's end."""
        full = 0.35 + 0.4 * self.draw(14) + 0.2 * self.draw(15, month)
        return np.where(self.is_institution, np.floor(self.beds * full), 0).astype(np.int64)

    def register(self, period: str) -> pl.DataFrame:
        """The rows of the month's register."""
        month = month_number(period)
        at = self.listed(month)
        beds, present, number = self.beds[at], self.residents(month)[at], self.number[at]
        public = self.kind.gather(at).is_in(PUBLIC).to_numpy() | (self.draw(16)[at] < 0.1)
        grown = (month - 2014 * 12) / 144  # what becomes common within twelve years

        def part(of: Numbers, low: float, high: float, salt: int) -> Numbers:
            return np.floor(of * (low + (high - low) * share(number, 20, salt))).astype(np.int64)

        def has(per_thousand: float, salt: int) -> np.ndarray:
            return rarely(per_thousand, number, 20, salt)

        staff = beds // 6 + 3
        carers = part(staff, 0.3, 0.8, 30)
        tiny = beds < 10
        net = np.where(public, part(beds, 0.1, 0.5, 31), 0)
        own = {
            "facility_type": self.kind.gather(at),
            "ownership": pl.Series(["民办", "公办"]).gather(public.astype(int)),
            "operator_kind": pick(["民营企业", "社会服务机构", "个体工商户"], number, 20, 17).zip_with(
                pl.Series(~public | has(300, 18)), pl.Series(["事业单位"] * len(at))
            ),
            "inclusive": public | has(450, 19),
            "beds": beds,
            "nursing_beds": part(beds, 0.1 + 0.4 * grown, 0.3 + 0.6 * grown, 20),
            "safety_net_beds": pl.Series(net).set(pl.Series(tiny), None),
            "safety_net_beds_ok": pl.Series(part(net, 0.6, 1.0, 32)).set(pl.Series(tiny), None),
            "residents": pl.Series(present).set(pl.Series(tiny | has(3, 21)), None),
            "disabled_residents": pl.Series(part(present, 0.2, 0.7, 22)).set(pl.Series(tiny | has(3, 21)), None),
            "local_residents": pl.Series(part(present, 0.5, 1.0, 23)).set(pl.Series(tiny | has(3, 21)), None),
            "star_grade": pick(STARS, number, 20, 24),
            "medical_contract": has(400 + 500 * grown, 25),
            "in_house_clinic": has(150, 26),
            "comprehensive_functions": has(400, 27),
            "standardised": has(200 + 600 * grown, 28),
            "disabled_tekun_focus": has(400, 29),
            "meets_basic_standard": has(300 + 600 * grown, 33),
            "quality_status": pick(["合格"] * 8 + ["已整治", "不合格"], number, 20, 34),
            "fire_rectification": pick(["无需整改"] * 5 + ["已整改"] * 3 + ["待整改"], number, 20, 35),
            "adapted_beds": part(beds, 0.0, 0.6 * grown, 36),
            "demo_medical_care": has(20, 37),
            "staff": staff,
            "care_workers": carers,
            "trained_care_workers": part(carers, 0.6, 1.0, 38),
            "social_workers": part(staff, 0.0, 0.15, 39),
            "monthly_fee": 900 + 10 * between(0, 300, number, 20, 40) + np.where(public, 0, 800),
        }
        return pl.concat([self.place(at, month, "养老服务"), pl.DataFrame(own)], how="horizontal")


class Nurseries(Facilities):
    """托育机构."""

    def __init__(self, territory: Territory) -> None:
        super().__init__(territory, territory.size.childcare_facilities, "TY", 21)
        self.places = (8 + np.floor(120 * self.draw(12) ** 2)).astype(np.int64)

    def enrolled(self, month: int) -> Numbers:
        """Children present at the month's end."""
        return np.floor(self.places * (0.3 + 0.5 * self.draw(13) + 0.15 * self.draw(14, month))).astype(np.int64)

    def register(self, period: str) -> pl.DataFrame:
        """The rows of the month's register."""
        month = month_number(period)
        at = self.listed(month)
        number = self.number[at]
        demo = rarely(30, number, 21, 15)
        central = rarely(60, number, 21, 16)
        own = {
            "facility_type": pick(often(NURSERIES), number, 21, 17),
            "ownership": pick(["民办", "民办", "公办"], number, 21, 18),
            "inclusive": rarely(500, number, 21, 19),
            "registered": rarely(850, number, 21, 20),
            "places": self.places[at],
            "enrolled": pl.Series(self.enrolled(month)[at]).set(pl.Series(rarely(3, number, 21, 21)), None),
            "demo_level": pl.Series(["无", "省级"]).gather(demo.astype(int)),
            "demo_recognised_on": first_day(self.opened[at]).set(pl.Series(~demo), None),
            "central_project": central,
            "central_project_places": pl.Series(self.places[at] // 2).set(pl.Series(~central), None),
            "leases_state_asset": rarely(200, number, 21, 22),
            "staff": self.places[at] // 5 + 2,
            "monthly_fee": 800 + 10 * between(0, 300, number, 21, 23),
        }
        return pl.concat([self.place(at, month, "托育园"), pl.DataFrame(own)], how="horizontal")
