"""The generator's own rows give the figures that the two documents print for 2020 (retyped here from the documents)."""

from datetime import date

import polars as pl
import pytest

from pipelines.samples import (
    agency_returns,
    assistance_roster,
    care_contacts,
    childcare_facilities,
    communities,
    deaths,
    elderly_facilities,
    population,
    residential_projects,
)
from pipelines.samples.mortality import life_expectancy
from pipelines.samples.reference import BANAN, DAZHOU, YEARS

END_2020 = date(2020, 12, 31)
INSTITUTIONS = ["社会福利院", "敬老院", "养护院", "区域养老服务中心", "养老院", "老年公寓", "嵌入式养老机构"]
NO_SERVICE_BEDS = ["光荣院", "家庭养老床位", "老年助餐点"]


def frame(records: list[dict]) -> pl.DataFrame:
    return pl.DataFrame(records, infer_schema_length=None, strict=False)


def homes(area: str) -> pl.DataFrame:
    return frame(elderly_facilities.register(area, END_2020)).filter(pl.col("status") == "运营")


def institutions(area: str) -> pl.DataFrame:
    return homes(area).filter(pl.col("facility_type").is_in(INSTITUTIONS), pl.col("beds") >= 10)


def share(frame: pl.DataFrame, part: str, whole: str) -> float:
    return 100 * frame[part].sum() / frame[whole].sum()


def residents(area: str, from_band: int = 0) -> int:
    return sum(sum(bands[from_band:]) for bands in population.residents(2020)[area].values())


def returned(area: str) -> dict[str, list]:
    """Item → its values of 2020 over the counties of the area."""
    rows = agency_returns.county_rows(BANAN, 0) if area == BANAN else agency_returns.city_rows(0)
    found: dict[str, list] = {}
    for _, item, value, *_ in rows:
        found.setdefault(item, []).append(value)
    return found


def returned_share(area: str, part: str, whole: str) -> float:
    return 100 * sum(returned(area)[part]) / sum(returned(area)[whole])


def test_census_as_counted() -> None:
    assert (residents(DAZHOU), residents(DAZHOU, 13), residents(DAZHOU, 14)) == (5_385_422, 1_204_411, 967_394)
    assert (residents(BANAN), residents(BANAN, 13)) == (1_178_856, 257_338)
    own = population.census()
    assert sum(map(sum, own["520000"].values())) == 38_562_148
    assert sum(map(sum, own["410000"].values())) == 99_365_519


def test_dazhou_counts() -> None:
    stock, places = homes(DAZHOU), frame(childcare_facilities.register(DAZHOU, END_2020))
    assert institutions(DAZHOU).height == 189
    assert stock.filter(pl.col("facility_type") == "社区日间照料中心").height == 445
    assert stock.filter(pl.col("facility_type") == "农村幸福院").height == 508
    assert institutions(DAZHOU)["meets_basic_standard"].sum() == 126
    adapted = institutions(DAZHOU).filter(pl.col("ownership") != "民办", pl.col("adapted_beds") > 0)
    assert (adapted.height, adapted["adapted_beds"].sum()) == (69, 6538)
    open_sites = places.filter(pl.col("status") == "正常运营")
    owners = open_sites.filter(pl.col("facility_type") != "家庭托育点")["ownership"]
    assert (owners.eq("民办").sum(), owners.eq("公办").sum()) == (488, 188)
    assert round(1000 * open_sites["places"].sum() / residents(DAZHOU), 1) == 1.3


def test_beds() -> None:
    service = homes(DAZHOU).filter(~pl.col("facility_type").is_in(NO_SERVICE_BEDS))
    assert 24_900 <= service["beds"].sum() < 25_000
    assert share(service, "nursing_beds", "beds") == pytest.approx(30.0, abs=0.05)
    assert share(institutions(DAZHOU), "nursing_beds", "beds") == pytest.approx(30.0, abs=0.05)
    banan = institutions(BANAN)
    assert share(banan, "nursing_beds", "beds") == pytest.approx(32.3, abs=0.05)
    assert 100 * banan.filter("inclusive")["beds"].sum() / banan["beds"].sum() == pytest.approx(60, abs=0.5)
    assert share(homes(BANAN), "safety_net_beds_ok", "safety_net_beds") == 100


def test_banan_childcare_places_per_1000() -> None:
    sites = frame(childcare_facilities.register(BANAN, END_2020)).filter(pl.col("status") == "正常运营")
    assert 1000 * sites["places"].sum() / residents(BANAN) == pytest.approx(0.86, abs=0.005)


def test_dazhou_comprehensive_towns_and_trained_carers() -> None:
    assert institutions(DAZHOU).filter("comprehensive_functions")["town_code"].n_unique() == 60
    assert share(homes(DAZHOU), "trained_care_workers", "care_workers") == pytest.approx(80, abs=0.5)


@pytest.mark.parametrize(
    ("field", "printed"),
    [("svc_bathing", 100), ("has_emergency_rescue", 100), ("has_visit_system", 100), ("three_society_linkage", 60)],
)
def test_banan_communities(field: str, printed: float) -> None:
    assert 100 * frame(communities.records(BANAN, 2020))[field].mean() == pytest.approx(printed)


def test_communities_by_kind() -> None:
    banan, dazhou = (frame(communities.records(area, 2020)) for area in (BANAN, DAZHOU))
    assert 100 * banan.filter(pl.col("community_type") != "村")["has_daycare"].mean() == pytest.approx(90)
    assert share(banan, "disabled_elders_supported", "disabled_elders") == 100
    assert 100 * dazhou["has_home_institution"].mean() == pytest.approx(70)


def roster(area: str) -> pl.DataFrame:
    on_roster = pl.col("left_on").is_null() | (pl.col("left_on") > END_2020)
    return frame(assistance_roster.records(area, END_2020)).filter(on_roster)


@pytest.mark.parametrize(("area", "printed", "half_unit"), [(BANAN, 37.3, 0.05), (DAZHOU, 30, 0.5)])
def test_disabled_tekun_in_homes(area: str, printed: float, half_unit: float) -> None:
    wholly = roster(area).filter(pl.col("assistance_kind") == "特困人员", pl.col("self_care") == "完全丧失")
    central = wholly.filter(pl.col("support_mode") == "集中供养")
    assert 100 * central.height / wholly.height == pytest.approx(printed, abs=half_unit)


@pytest.mark.parametrize("area", [BANAN, DAZHOU])
def test_nobody_who_wants_a_home_is_without(area: str) -> None:
    assert roster(area).filter("wants_centralised", pl.col("support_mode") == "分散供养").is_empty()


@pytest.mark.parametrize(("area", "printed"), [(BANAN, 100), (DAZHOU, 80)])
def test_monthly_visits(area: str, printed: float) -> None:
    year = frame([row for month in range(1, 13) for row in care_contacts.records(area, 2020, month)])
    assert 100 * (year["contacts"].fill_null(0) >= 1).mean() == pytest.approx(printed)


def test_returns_of_banan() -> None:
    values = returned(BANAN)
    assert returned_share(BANAN, "pension_insured", "pension_base") == pytest.approx(90)
    assert 100 * values["medical_insured"][0] / residents(BANAN) == pytest.approx(95, abs=0.01)
    assert 100 * values["elderly65_health_managed"][0] / residents(BANAN, 14) == pytest.approx(67, abs=0.01)
    assert returned_share(BANAN, "infant_health_managed", "infant_base") == pytest.approx(92.75)
    assert (values["vocational_enrolment"], values["nursing_staff_trained"]) == ([300], [1000])
    assert values["elderly_universities"] == [1]
    assert values["elders_regular_education"] == ["—"]


def test_returns_of_dazhou() -> None:
    values = returned(DAZHOU)
    assert returned_share(DAZHOU, "pension_insured", "pension_base") == pytest.approx(89.5)
    assert 100 * sum(values["medical_insured"]) / residents(DAZHOU) == pytest.approx(99, abs=0.01)
    assert sum(values["backbone_eldercare_enterprises"]) == 6
    assert sorted(values["elderly_universities"]) == [0, 0, 1, 1, 1, 1, 1]
    assert sum(values["training_bases"]) + sum(values["training_bases_own"]) == 6
    assert not {"elderly65_health_managed", "elder_social_workers"} & set(values)


def test_dazhou_life_expectancy() -> None:
    people, dying = population.residents(2020)[DAZHOU], deaths.deaths(2020)[DAZHOU]
    persons, dead = ([sum(bands) for bands in zip(*sexes.values(), strict=True)] for sexes in (people, dying))
    assert life_expectancy(dead, persons) == pytest.approx(77.54, abs=0.004)


@pytest.mark.parametrize("year", YEARS)
def test_dazhou_delivers_the_sum_of_its_counties_and_zone(year: int) -> None:
    lines = next(d.rows for d in deaths.deliveries() if d.path == f"deaths/{year}/{DAZHOU}.xlsx")
    own, parts = (sum(row[-1] for row in lines if (row[0] == DAZHOU) == is_own) for is_own in (True, False))
    assert own == parts > 0
    assert len({row[0] for row in lines}) == 9


@pytest.mark.parametrize("area", [BANAN, DAZHOU])
def test_no_new_estate_is_accepted_in_2020(area: str) -> None:
    assert frame(residential_projects.records(area, 2020))["accepted_on"].drop_nulls().is_empty()


def test_later_years_move_as_the_document_forecasts() -> None:
    total = {year: sum(map(sum, population.residents(year)[DAZHOU].values())) for year in YEARS}
    assert all(0 < total[year - 1] - total[year] < 40_000 for year in YEARS[1:])
    old = sum(sum(bands[13:]) for bands in population.residents(2025)[DAZHOU].values())
    assert 1_330_000 < old < 1_370_000
    assert 25 < 100 * old / total[2025] < 26
