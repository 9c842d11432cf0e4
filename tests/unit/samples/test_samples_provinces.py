"""The deliveries of Guizhou and Henan give the figures their documents print (retyped here) and cover every county."""

from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

import pytest

from pipelines.samples.persons import person
from pipelines.samples.places import towns
from pipelines.samples.provinces import assisted, estates, homes, ledger, nurseries, people, returns
from pipelines.samples.provinces.frame import GUIZHOU, HENAN, PROVINCES, YEARS, counties, prefecture, prefectures, units
from pipelines.samples.provinces.sources import DELIVERIES
from pipelines.samples.reference import BANAN, BANDS, DAZHOU, census

MOST_BEDS, MOST_PLACES = 5_000, 2_000


def rounded(part: float, whole: float, digits: str) -> Decimal:
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(digits), ROUND_HALF_UP)


def institutions(province: str, year: int) -> list[dict]:
    register = homes.records(province, year)
    return [row for row in register if row["facility_type"] not in homes.NOT_INSTITUTIONS]


def places_per_1000(province: str, year: int) -> Decimal:
    places = sum(row["places"] for row in nurseries.records(province, year))
    return rounded(places * 10, people.total(province, year), "0.01")


def test_counties_of_the_provinces() -> None:
    assert (len(counties(GUIZHOU)), len(prefectures(GUIZHOU))) == (88, 9)
    assert (len(counties(HENAN)), len(prefectures(HENAN))) == (157, 17)
    assert sum(len(towns(county)) for county in units(GUIZHOU)) == 1_510
    assert sum(len(towns(county)) for county in units(HENAN)) == 2_586


def test_guizhou_2022_as_printed() -> None:
    there = institutions(GUIZHOU, 2022)
    assert rounded(sum(r["nursing_beds"] for r in there), sum(r["beds"] for r in there), "0.01") == Decimal("43.00")
    assert places_per_1000(GUIZHOU, 2022) == Decimal("2.18")
    demo = {prefecture(r["county_code"]) for r in nurseries.records(GUIZHOU, 2022) if r["demo_level"] == "市级"}
    assert demo == set(prefectures(GUIZHOU))


def test_2025_reaches_some_targets_and_misses_others() -> None:
    register = homes.records(GUIZHOU, 2025)
    city = [row for row in register if row["urban_rural"] == "城市"]
    market = sum(row["beds"] for row in city if row["operator_kind"] not in ("事业单位", "乡镇政府"))
    assert rounded(market, sum(row["beds"] for row in city), "1") == 61  # more than 60 %
    state = sum(row["beds"] for row in register if row["operator_kind"] in ("事业单位", "乡镇政府"))
    assert rounded(state, sum(row["beds"] for row in register), "1") == 38  # 40 % at most
    assert places_per_1000(GUIZHOU, 2025) == Decimal("4.30")  # of 4.5
    care_homes = {row["county_code"] for row in register if row["disabled_tekun_focus"]}
    assert len(set(counties(GUIZHOU)) - care_homes) == 2
    assert sum(row["beds"] for row in homes.records(HENAN, 2025)) == 669_000  # of 680,000
    assert places_per_1000(HENAN, 2025) == Decimal("4.37")


@pytest.mark.parametrize("province", PROVINCES)
def test_facilities_stay_within_the_bounds_of_the_contracts(province: str) -> None:
    for year in YEARS:
        assert all(0 <= row["nursing_beds"] <= row["beds"] <= MOST_BEDS for row in homes.records(province, year))
        assert all(0 < row["places"] <= MOST_PLACES for row in nurseries.records(province, year))


@pytest.mark.parametrize("province", PROVINCES)
def test_what_is_open_stays_open(province: str) -> None:
    for records in (homes.records, nurseries.records):
        listed = [{row["facility_id"] for row in records(province, year)} for year in YEARS]
        assert all(earlier < later for earlier, later in pairwise(listed))


def test_every_county_is_covered_by_every_source() -> None:
    for province in PROVINCES:
        for records in (homes.records, nurseries.records, estates.records):
            assert {row["county_code"] for row in records(province, 2025)} >= set(counties(province))
        items = Counter(item for _, item, *_ in returns.county_rows(province, 2025))
        assert set(items.values()) == {len(counties(province))}
    assert {place.county for place in ledger.places(GUIZHOU)} == set(counties(GUIZHOU))
    assert {row["county_code"] for row in assisted.roster(2025)} == set(counties(GUIZHOU))
    assert {row["county_code"] for row in assisted.contacts(2024, 1)} == set(counties(GUIZHOU))


def test_parts_of_a_return_never_exceed_their_whole() -> None:
    for province in PROVINCES:
        for part, whole in returns.PART_OF.items():
            if whole in returns.TOTALS[province]:
                for year in YEARS:
                    parts, wholes = returns.split(province, part, year), returns.split(province, whole, year)
                    assert all(parts[county] <= wholes[county] for county in counties(province))


@pytest.mark.parametrize("year", YEARS)
def test_no_county_serves_more_elders_than_it_has(year: int) -> None:
    served = returns.split(GUIZHOU, "elders_basic_service", year)
    elders = list(people.AGE_BANDS).index("60-64")
    assert all(served[county] <= people.total(county, year, elders) for county in counties(GUIZHOU))


def test_a_supplier_delivers_a_period_once() -> None:
    paths = [delivery.path for deliveries in DELIVERIES.values() for delivery in deliveries()]
    assert len(paths) == len(set(paths))
    assert len([path for path in paths if path.startswith("communities/2025/41")]) == 18  # 17 prefectures and 济源


def test_provinces_are_the_sum_of_their_units() -> None:
    for province in PROVINCES:
        for year in people.YEARS:
            found = people.residents(province, year)
            assert people.total(province, year) == sum(people.total(code, year) for code in found if code != province)
    whole = sum(map(sum, census()[HENAN].values()))
    assert whole == 99_365_519
    assert sum(sum(map(sum, unit.values())) for unit in people.counted(HENAN).values()) == whole


def test_the_census_of_2010() -> None:
    people_2010 = [sum(both) for both in zip(*census(2010)[DAZHOU].values(), strict=True)]
    total = sum(people_2010)
    assert total == 5_468_097
    assert total == sum(
        sum(map(sum, sexes.values())) for code, sexes in census(2010).items() if code not in (DAZHOU, "510000")
    )
    first = BANDS.index
    assert rounded(sum(people_2010[: first("15-19")]), total, "0.01") == Decimal("20.36")
    assert rounded(sum(people_2010[first("60-64") :]), total, "0.01") == Decimal("16.88")
    assert rounded(sum(people_2010[first("65-69") :]), total, "0.01") == Decimal("10.91")


def test_persons_of_the_provinces_are_others_than_those_of_the_two_cities() -> None:
    numbers = [*range(len(assisted.PLACES)), *range(assisted.FIRST_LISTED, assisted.FIRST_LISTED + assisted.LISTED)]
    ids = {person(county, number).id for county in counties(GUIZHOU) for number in numbers}
    assert len(ids) == len(counties(GUIZHOU)) * len(numbers)
    assert {ident[:2] for ident in ids} == {"98"}
    assert person(BANAN, 0).id[:6] != person("520113", 0).id[:6]
