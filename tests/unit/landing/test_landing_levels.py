"""A county's column holds a county's code: nothing lands that no county's figures would count."""

import pytest

from pipelines.contracts import CONTRACTS, SOURCES
from pipelines.contracts.delivery import facts_of

CONTACTS = "身份证号,姓名,县区代码,乡镇街道代码,人员类别,探访次数,探访日期"
ROSTER = "身份证号,姓名,出生日期,县区代码,救助类别,自理能力,供养方式"
PERSON = "11010519491231002X,张三,1949-12-31,{},低保,全自理,"
CITY = """\
440000,广东省,省级,000000,,,,是,否,1949-10-01,,
441900,东莞市,地级,440000,,,,是,否,1988-01-07,,
441900003,东城街道,乡级,441900,,街道,,是,否,1988-01-07,,
"""


@pytest.mark.parametrize("code", ["511700", "510000", "000000", "511702001", "511702001001", "511700000000"])
def test_a_code_of_another_level_is_unknown_there(world, code):
    world.table("assistance_roster/2024-03/000000.csv", ROSTER, PERSON.format(code))
    result = world.whole(world.land("assistance_roster"))
    assert world.refused(result) == [(2, "unknown_region", "unknown_region", "county_code", code)]
    finding, row_number, column, detail = result.finding.select("finding", "row_number", "column", "detail").row(0)
    assert (finding, row_number, column) == ("unknown_region", 2, "county_code")
    assert detail.startswith("须为县级代码 · ")


def test_a_county_lands_and_an_old_code_of_one_too(world):
    rows = [PERSON.format("511702"), PERSON.format("511721").replace("002X", "0038")]
    world.table("assistance_roster/2024-03/511700.csv", ROSTER, *rows)
    assert world.landed(world.whole(world.land("assistance_roster")))["county_code"].to_list() == ["511702", "511703"]


def test_a_prefecture_without_counties_is_its_own_county(world):
    register = world.raw / "regions/2023-12-31/000000.csv"
    register.write_text(register.read_text() + CITY)
    contact = "11010519491231002X,张三,441900,441900003,独居,2,2024-03-05"
    world.table("care_contacts/2024-03/441900.csv", CONTACTS, contact)
    assert world.landed(world.whole(world.land("care_contacts")))["county_code"].to_list() == ["441900"]


@pytest.mark.parametrize("source", SOURCES)
def test_every_county_column_asks_for_a_county(source):
    for name, column in facts_of(CONTRACTS[source]).items():
        assert column.level == ("county" if name == "county_code" else None)
        assert ("须为县级代码" in column.description) == (name == "county_code")
