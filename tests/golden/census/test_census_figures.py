"""The censuses as printed and as counted (七普, 六普): from deliveries to marts, long and as the yearbooks' tables."""

import shutil
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
import xlsxwriter

from pipelines.settings import PROJECT
from tests.shipped import Warehouse

# region: residents, aged 60 and over, aged 65 and over
COUNTED = {
    "520000": (38_562_148, 5_931_357, None),
    "511700": (5_385_422, 1_204_411, 967_394),
    "500113": (1_178_856, 257_338, None),
    "410000": (99_365_519, 17_964_048, None),
}
# the shares that 达州市“一老一小”整体解决方案 二(二)1 prints
DAZHOU_SHARES = {"population_60plus_share": "22.36", "population_65plus_share": "17.96"}
FIGURES = ("resident_population", "population_60plus", "population_65plus")
SEXES = {"male": "男", "female": "女"}
# statistical stand-ins of the yearbook (市辖区, 县) which are no regions
PSEUDO = {"500100": "市辖区", "500200": "县"}
ZONE = "511771"


@pytest.fixture(scope="module")
def yearbook(shipped: Warehouse, parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """A warehouse whose only population is two wide workbooks: provinces, stand-ins, prefectures, counties, a zone."""
    folder = tmp_path_factory.mktemp("yearbook")
    raw = folder / "raw"
    shutil.copytree(PROJECT / "raw" / "regions", raw / "regions")
    for year in ("2010", "2020"):
        (raw / "population" / year).mkdir(parents=True)
    write_yearbook(raw / "population" / "2020" / "000000.xlsx", counted_people(shipped, "2020"))
    write_messy_yearbook(raw / "population" / "2010" / "000000.xlsx", counted_people(shipped, "2010"))
    warehouse = Warehouse(raw, folder / "var", folder / "key")
    warehouse.takes_parsed(parsed)
    warehouse.nightly()
    return warehouse


def counted_people(shipped: Warehouse, year: str) -> dict[str, dict[tuple[str, int], int]]:
    """Region → (sex, first age of the band) → people, as the long deliveries say."""
    people: dict[str, dict[tuple[str, int], int]] = {}
    for region, sex, age_from, count in shipped.rows(
        "select region_code, sex, age_from, population from marts.population"
        f" where period = '{year}' and basis = 'resident' and ref_point = 'census'"
    ):
        people.setdefault(region, {})[sex, age_from] = count
    return people


def write_yearbook(path: Path, people: dict[str, dict[tuple[str, int], int]]) -> None:
    """The layout of the census yearbook by county: sheet 七普, one row a region, a column per sex and age band."""
    ages = sorted({age for bands in people.values() for _, age in bands})
    cells = [(sex, age) for age in ages for sex in SEXES]
    heading = ["区划代码", "省", "市", "区县", "人口数_合计", *(f"{SEXES[sex]}_{band_name(age)}" for sex, age in cells)]
    rows = [(region, region[:2], people[region]) for region in sorted(people)]
    rows += [(pseudo, "50", people["500113"]) for pseudo in PSEUDO]
    rows.append((None, "51", people[ZONE]))  # a row without code
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("七普")
        sheet.write_row(0, 0, heading)
        for line, (region, province, bands) in enumerate(rows, start=1):
            total = sum(bands.values())
            sheet.write_row(line, 0, [region, province, "NA", PSEUDO.get(region or "", "NA"), total])
            sheet.write_row(line, 5, [bands[cell] for cell in cells])


def write_messy_yearbook(path: Path, people: dict[str, dict[tuple[str, int], int]]) -> None:
    """The layout of 2010: names before codes and indented, line breaks and full width in the headings, one bracket of
    each kind, and columns that are no persons.
    """
    ages = sorted({age for bands in people.values() for _, age in bands})
    cells = [(sex, age) for age in ages for sex in SEXES]
    names = {0: "0岁", 1: "1-4岁", 85: "85岁及以上"}
    words = [f"{names.get(age, f'{age}-{age + 4}岁')}（{SEXES[sex]}）" for sex, age in cells]
    words[3] = words[3].replace("）", ")")
    heading = ["地区", "区划代码", "合计", "性别比\n（女=100）", *words, "0-14岁（%）", "65岁及以上（%）"]
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("六普")
        sheet.write_row(0, 0, heading)
        for line, (region, bands) in enumerate(sorted(people.items()), start=1):
            sheet.write_row(line, 0, [f"  {region}", region, str(sum(bands.values())), "103.13"])
            sheet.write_row(line, 4, [*(str(bands[cell]) for cell in cells), "20.36", "10.91"])


def band_name(age: int) -> str:
    """0岁, 1到4岁, 5到9岁 … 85岁以上."""
    return {0: "0岁", 1: "1到4岁", 85: "85岁以上"}.get(age, f"{age}到{age + 4}岁")


def figures(warehouse: Warehouse) -> dict[tuple[str, str], float]:
    keys = ", ".join(f"'{key}'" for key in (*FIGURES, *DAZHOU_SHARES))
    rows = warehouse.rows(
        "select region_code, indicator_key, value from marts.indicator_value"
        f" where period = '2020' and variant = 'default' and indicator_key in ({keys}) and value is not null"
    )
    return {(region, indicator): value for region, indicator, value in rows}


@pytest.mark.parametrize("delivered_as", ["shipped", "yearbook"])
def test_counted_people(request: pytest.FixtureRequest, delivered_as: str) -> None:
    found = figures(request.getfixturevalue(delivered_as))
    for region, people in COUNTED.items():
        for indicator, count in zip(FIGURES, people, strict=True):
            assert count is None or found[region, indicator] == count
    for indicator, printed in DAZHOU_SHARES.items():
        share = Decimal(str(found["511700", indicator]))
        assert share.quantize(Decimal("0.01"), ROUND_HALF_UP) == Decimal(printed)


def test_yearbook_and_long_form_agree_for_every_region(shipped: Warehouse, yearbook: Warehouse) -> None:
    assert figures(yearbook) == figures(shipped)


@pytest.mark.parametrize("delivered_as", ["shipped", "yearbook"])
def test_nobody_is_counted_twice(request: pytest.FixtureRequest, delivered_as: str) -> None:
    """A region is the sum of its parts, the zone outside the counties once among them, and of its parts' parts.

    Henan lacks one part: 济源, which the province governs itself and which the extract by prefecture leaves out.
    """
    warehouse = request.getfixturevalue(delivered_as)
    for region, counties_delivered, left_out in (("511700", True, 0), ("520000", True, 0), ("410000", False, 727_265)):
        [(of_parts, of_counties)] = warehouse.rows(
            f"""
            select
                sum(value) filter (where place.parent_code = '{region}'),
                sum(value) filter (where place.level = 'county')
            from marts.indicator_value as figure
            inner join reference.region_year as place using (region_code, period)
            inner join reference.region_ancestor as above using (region_code, period)
            where above.ancestor_code = '{region}' and above.region_code <> '{region}' and period = '2020'
                and indicator_key = 'resident_population' and variant = 'default'
            """
        )
        assert of_parts + left_out == COUNTED[region][0]
        assert not counties_delivered or of_counties == COUNTED[region][0]


def test_rows_that_are_no_regions_are_quarantined(yearbook: Warehouse) -> None:
    refused = yearbook.rows(
        "select reason, raw_value, count(*) from ops.quarantine where source = 'population' group by all order by all"
    )
    assert {reason for reason, _, _ in refused} == {"unknown_region"}
    assert {value for _, value, _ in refused} == {*PSEUDO, None}
    states = yearbook.rows("select path, state from ops.delivery where source = 'population' order by path")
    assert states == [("population/2010/000000.xlsx", "landed"), ("population/2020/000000.xlsx", "partly")]
    accounts = yearbook.rows(
        "select delivered, landed + quarantined + superseded + ignored from ops.reconciliation"
        " where path like 'population/%'"
    )
    assert len(accounts) == 2
    assert all(delivered == accounted for delivered, accounted in accounts)


def test_ten_years_from_two_yearbooks(yearbook: Warehouse) -> None:
    """5,468,097 in 2010, and the changes that 二(二)1 prints, over the code that 达县 lost in 2013."""
    [(counted,)] = yearbook.rows(
        "select value from marts.indicator_value where period = '2010' and region_code = '511700'"
        " and indicator_key = 'resident_population' and variant = 'default'"
    )
    assert counted == 5_468_097
    changes = yearbook.rows(
        "select indicator_key, value from marts.indicator_value where period = '2020' and region_code = '511700'"
        " and indicator_key like '%share_change' order by indicator_key"
    )
    assert changes == [
        ("population_0_14_share_change", -3.07),
        ("population_60plus_share_change", 5.48),
        ("population_65plus_share_change", 7.05),
    ]
    [(of_the_renamed,)] = yearbook.rows(
        "select count(value) from marts.indicator_value where period = '2020' and region_code = '511703'"
        " and indicator_key = 'population_60plus_share_change'"
    )
    assert of_the_renamed == 1
