"""The contracts: one file per source. `SOURCES` is the order in which they land, what refers to another after it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

SOURCES = (
    "regions",
    "population",
    "deaths",
    "elderly_facilities",
    "childcare_facilities",
    "communities",
    "residential_projects",
    "assistance_roster",
    "care_contacts",
    "agency_returns",
    "fund_ledger",
    "subsidy_ledger",
    "construction_projects",
    "task_ledger",
)

#: source → registry of the models that its contract reads too
SEEDS = {"agency_returns": "agency_return_items", "subsidy_ledger": "subsidy_programmes"}


def contract_of(source: str) -> Any:
    """The contract class of a source; imported only now, because dataframely takes longer than an unchanged run."""
    name = "".join(word.capitalize() for word in source.split("_"))
    return getattr(import_module(f"{__name__}.{source}"), name)


def __getattr__(name: str) -> Any:
    if name == "CONTRACTS":
        return {source: contract_of(source) for source in SOURCES}
    raise AttributeError(name)
