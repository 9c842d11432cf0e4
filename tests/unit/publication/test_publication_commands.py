"""What the command line makes of its arguments: exit 2 for wrong usage, 1 where nothing of that name is kept."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.cli import main
from tests.unit.publication.tiny_release import FIGURE, book, frame, kept


@pytest.fixture
def editions(tmp_path: Path) -> Path:
    kept(book(), tmp_path)
    kept(book(edition=2, figures=frame(FIGURE | {"value": 69.0})), tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [("publish", "25"), ("publish", "2025-1"), ("publish", "２０２５"), ("diff", "2025", "2025-x"), ("diff", "2025")],
)
def test_wrong_usage(editions: Path, arguments: tuple[str, ...]) -> None:
    told = CliRunner().invoke(main, [*arguments, "--to", str(editions)])
    assert told.exit_code == 2 and "Usage" in told.output


def test_editions_are_compared_by_name_or_year(editions: Path) -> None:
    told = CliRunner().invoke(main, ["diff", "2025-1", "2025", "--to", str(editions), "--format", "csv"])
    assert told.exit_code == 0
    assert "changed,figures,beds/default/511702/2025,床位数 · 通川区 · 2025,value,70,69," in told.output
    same = CliRunner().invoke(main, ["diff", "2025-2", "2025", "--to", str(editions)])
    assert same.exit_code == 0 and "没有不同" in same.output


def test_an_edition_that_is_not_kept(editions: Path) -> None:
    told = CliRunner().invoke(main, ["diff", "2024", "2025", "--to", str(editions)])
    assert told.exit_code == 1 and "2025-1、2025-2" in told.output
    assert CliRunner().invoke(main, ["publish", "2025-3", "--verify", "--to", str(editions)]).exit_code == 1
    assert CliRunner().invoke(main, ["publish", "2025-2", "--verify", "--to", str(editions)]).exit_code == 0


def test_without_a_release_it_says_what_to_run(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["publish", "2025", "--var", str(tmp_path)])
    assert told.exit_code == 1 and "carestat nightly" in told.output
