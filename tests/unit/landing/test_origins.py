"""Where deliveries come from is told as their card says, and a missing card is not taken for real data."""

from pathlib import Path

import pytest

from pipelines.contracts import SOURCES
from pipelines.landing.land import Landing
from pipelines.landing.origins import origins
from pipelines.settings import PROJECT, Settings
from pipelines.warehouse.state import fingerprint


@pytest.mark.parametrize(
    ("card", "kind"),
    [
        ("real: [all]\nsynthetic: []\n", "real"),
        ("real: []\nsynthetic: ['2021 on']\n", "synthetic"),
        ("real: ['2020']\nsynthetic: ['2021 on']\n", "mixed"),
        ("producer: 区民政局\n", "not_stated"),
        ("real: [unclosed\n", "not_stated"),
        ("just words\n", "not_stated"),
        (None, "not_stated"),
    ],
    ids=["real", "synthetic", "mixed", "silent", "broken", "no_card", "missing"],
)
def test_the_card_decides_what_a_source_is(tmp_path: Path, card: str | None, kind: str) -> None:
    if card is not None:
        (tmp_path / "deaths").mkdir()
        (tmp_path / "deaths" / "origin.yml").write_text(card, encoding="utf-8")
    told = {row["source"]: row for row in origins(tmp_path).to_dicts()}
    assert told["deaths"]["origin"] == kind
    assert set(told) == set(SOURCES)


def test_the_words_of_the_card_are_kept(tmp_path: Path) -> None:
    (tmp_path / "deaths").mkdir()
    (tmp_path / "deaths" / "origin.yml").write_text("real: [a, b]\nsynthetic: [c]\ncite: [d]\nlicence: MIT\n")
    row = origins(tmp_path).filter(source="deaths").to_dicts()[0]
    assert (row["real"], row["synthetic"], row["cite"], row["licence"]) == ("a\nb", "c", "d", "MIT")
    assert row["title"] == "死亡人数(地区×性别×年龄组)"


def test_a_release_is_made_anew_when_a_card_changes(world) -> None:
    world.put("deaths/2024/511702.csv", "区划代码,性别,年龄组,死亡人数\n511702,合计,合计,1\n")
    settings = Settings(world.raw, world.var, PROJECT / "dbt_project", PROJECT / "expectations")
    card = world.raw / "deaths" / "origin.yml"

    def made_of() -> str:
        return fingerprint(settings, Landing(world.raw, world.var))

    without = made_of()
    card.write_text("synthetic: [all]\n")
    invented = made_of()
    card.write_text("real: [all]\n")
    assert len({without, invented, made_of()}) == 3
    card.unlink()
    assert made_of() == without
