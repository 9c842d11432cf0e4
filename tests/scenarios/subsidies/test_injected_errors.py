"""Errors injected at random into fifty invented worlds: the audit finds every one of them and invents none.

What must be found is written down by the injector, from the clauses, and not by the models. All worlds are delivered
together; the seed is drawn at test time and told on failure. CARESTAT_INJECTION_SEED sets it again.
"""

import os
import secrets
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from tests.scenarios.subsidies.audited import Audited, audited
from tests.scenarios.subsidies.claims import MONTHS, NOTHING, Finding, Key
from tests.scenarios.subsidies.injections import Injector
from tests.scenarios.subsidies.worlds import BANAN, DAZHOU, World

WORLDS = 50
FINDINGS = {
    "not_assessable", "after_closing", "paid_twice", "paid_without_entitlement", "wrong_unit_amount", "returned",
    "overpaid", "underpaid",
}  # fmt: skip
#: no amount is printed for them: of facilities that they paid nothing there is nothing to say
WITHOUT_AMOUNT = ("CQ-CONSTR", "DAZHOU-S5")


@pytest.fixture(scope="module")
def seed() -> str:
    return os.environ.get("CARESTAT_INJECTION_SEED") or secrets.token_hex(4)


@pytest.fixture(scope="module")
def worlds(seed: str) -> list[World]:
    worlds = [World(number, seed) for number in range(WORLDS)]
    for number, world in enumerate(worlds):
        Injector(world).inject(number)
    return worlds


@pytest.fixture(scope="module")
def audit(worlds: list[World], shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Audited:
    rows = [row for world in worlds for row in world.delivered()]
    # a month in which nothing is paid is a nil return, not a missing ledger
    headings = dict.fromkeys(worlds[0].ledger()[0].row(), "")
    places = [{"报送期": month, "区划代码": county} for month in MONTHS for county in (BANAN, *DAZHOU)]
    nil = [("subsidy_ledger", headings | place) for place in places]
    return audited(tmp_path_factory.mktemp("worlds"), [*nil, *rows], shared_folder / "parsed")


@pytest.fixture(scope="module")
def found(audit: Audited) -> dict[Key, Finding]:
    """Every key with something due, paid or found."""
    rows = audit.rows(
        "select programme_code, facility_id, region_code, period, finding, due_amount_yuan, paid_amount_yuan"
        " from marts.subsidy_audit"
    )
    told: dict[Key, Finding] = {}
    for *key, finding, due, paid in map(dict.values, rows):
        empty = not paid and (key[0] in WITHOUT_AMOUNT or (finding == "consistent" and not due))
        if not empty:
            told[tuple(key)] = Finding(finding, due, paid)
    return told


def test_all_findings_were_injected(worlds: list[World]) -> None:
    injected = Counter(told.finding for world in worlds for told in world.findings().values())
    assert set(injected) == FINDINGS | {"consistent"}
    assert sum(injected[finding] for finding in FINDINGS) > 300


def test_every_row_landed(audit: Audited, seed: str) -> None:
    assert audit.not_landed() == [], f"CARESTAT_INJECTION_SEED={seed}"


@pytest.mark.parametrize("number", range(WORLDS))
def test_every_error_is_found_and_none_invented(
    number: int, worlds: list[World], found: dict[Key, Finding], seed: str
) -> None:
    world = worlds[number]
    injected = world.findings()
    told = {key: finding for key, finding in found.items() if key[1].startswith(f"{world.name}-")}
    wrong = [
        f"{' '.join(key)}\n  injected {injected.get(key)}\n  found    {told.get(key)}"
        for key in sorted(injected.keys() | told.keys())
        if injected.get(key) != told.get(key)
    ]
    assert not wrong, "\n".join([f"CARESTAT_INJECTION_SEED={seed}", *wrong])


def test_differences_add_up_to_paid_less_due(worlds: list[World], audit: Audited, seed: str) -> None:
    """Per programme and county, to the cent, over what can be assessed."""
    expected: dict[tuple[str, str], Decimal] = {}
    for world in worlds:
        for (programme, _, county, _), told in world.findings().items():
            if told.due is not None and told.paid is not None:
                sum_so_far = expected.get((programme, county), NOTHING)
                expected[programme, county] = sum_so_far + told.paid - told.due
    stored = audit.rows(
        "select programme_code, region_code, sum(difference_yuan), sum(paid_amount_yuan) - sum(due_amount_yuan)"
        " from marts.subsidy_audit where due_amount_yuan is not null and paid_amount_yuan is not null group by all"
    )
    differences = {(programme, county): (sum_, apart) for programme, county, sum_, apart in map(dict.values, stored)}
    assert expected.keys() <= differences.keys()
    for key, sums in differences.items():
        assert sums == (expected.get(key, NOTHING),) * 2, f"{key} CARESTAT_INJECTION_SEED={seed}"


def test_money_paid_is_the_ledgers_money(worlds: list[World], audit: Audited, seed: str) -> None:
    """Per programme and county: what was paid less what came back, a repeated number once."""
    ledger: dict[tuple[str, str], Decimal] = {}
    for world in worlds:
        first = {payment.number: payment for payment in sorted(world.ledger(), key=lambda row: row.month, reverse=True)}
        for payment in first.values():
            key = (payment.programme, payment.county)
            ledger[key] = ledger.get(key, NOTHING) + payment.net
    stored = audit.rows(
        "select programme_code, region_code, sum(paid_amount_yuan) from marts.subsidy_audit group by all"
    )
    paid = {(programme, county): sum_ for programme, county, sum_ in map(dict.values, stored) if sum_}
    assert paid == {key: sum_ for key, sum_ in ledger.items() if sum_}, f"CARESTAT_INJECTION_SEED={seed}"
