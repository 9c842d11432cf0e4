"""Every contract is whole: titles, headers that mean one column, rules under their columns, descriptions."""

import polars as pl
import pytest

from pipelines.contracts import CONTRACTS, SOURCES
from pipelines.contracts.delivery import columns_of, facts_of, rules_of
from pipelines.landing.header import header_text

contracts = pytest.mark.parametrize("source", SOURCES)


@contracts
def test_is_described(source):
    contract = CONTRACTS[source]
    assert contract.source == source
    assert contract.period_form in ("year", "month", "snapshot")
    assert all(getattr(contract, name) for name in ("title_zh", "grain", "supplier_department", "__doc__"))
    for column in columns_of(contract):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in column["title"])
        assert column["description"].startswith(column["title"])
        assert column["description"] == contract.columns()[column["name"]].description


@contracts
def test_no_header_means_two_columns(source):
    headers = [header_text(header) for column in columns_of(CONTRACTS[source]) for header in column["headers"]]
    assert len(headers) == len(set(headers))


@contracts
def test_has_a_required_key(source):
    keys = [column for column in facts_of(CONTRACTS[source]).values() if column.key]
    assert keys
    assert all(column.required for column in keys)


@contracts
def test_rules_are_known_by_a_chinese_title(source):
    for rule in rules_of(CONTRACTS[source]):
        assert rule.action in ("quarantine", "flag")
        assert any("\u4e00" <= letter <= "\u9fff" for letter in rule.title)


def test_rules_stand_in_column_order_under_the_column_they_speak_of():
    rules = [(rule.column, rule.name, rule.action) for rule in rules_of(CONTRACTS["assistance_roster"])]
    assert rules == [
        ("town_code", "town_in_county", "quarantine"),
        ("support_mode", "tekun_has_mode", "quarantine"),
        ("facility_id", "central_has_facility", "flag"),
        ("left_on", "left_after_joined", "quarantine"),
    ]


def test_identifiers_and_sensitive_columns_are_marked():
    roster = {column["name"]: column for column in columns_of(CONTRACTS["assistance_roster"])}
    identifiers = {name for name, column in roster.items() if column["pii"] == "identifier"}
    sensitive = {name for name, column in roster.items() if column["pii"] == "sensitive"}
    assert identifiers == {"person_id", "person_name", "household_id"}
    assert sensitive == {"sex", "birth_date", "assistance_kind", "eligible", "self_care", "disability"}
    assert not roster["person_name"]["landed"]


def test_items_of_the_returns_come_from_the_seed():
    from pipelines.contracts.agency_returns import items, of_item

    row = pl.DataFrame({"item_code": ["pension_insured", "nothing"]})
    assert row.select(of_item("unit")).to_series().to_list() == ["人", None]
    assert items()["published_60plus_share"]["unit"] == "%"
