"""The command publishes a real release with all its forms: refused, forced, made twice alike, corrected, verified."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.publication.diff import changes
from pipelines.publication.edition import Request, publish
from pipelines.publication.forms import open_data
from pipelines.publication.shelf import Shelf
from tests.integration.installation import RETURNS, Installation, digest

#: the small installation holds Banan's deliveries alone; what the other documents govern is missing
FORCED = ("publish", "2021", "--force", "试点：只公布巴南区")


@pytest.fixture(scope="module")
def published(released: Installation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of editions with the forced one of 2021, in all forms."""
    shelf = tmp_path_factory.mktemp("shelf")
    done = released.run(*FORCED, "--to", str(shelf))
    assert done.returncode == 0 and "已公布 2021-1" in done.stderr, done.stderr
    return shelf


def checksums(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): digest(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_nightly_run_publishes_nothing(released: Installation) -> None:
    assert not released.settings.publication.exists()


def test_missing_regions_are_told_by_document(released: Installation, tmp_path: Path) -> None:
    refused = released.run("publish", "2021", "--to", str(tmp_path))
    assert refused.returncode == 1
    for document, region in (
        ("达州市“一老一小”整体解决方案", "达州市 511700"),
        ("贵州省促进养老托育服务高质量发展实施方案", "贵州省 520000"),
        ("关于促进养老托育服务健康发展的实施意见", "河南省 410000"),
    ):
        [line] = [line for line in refused.stderr.splitlines() if document in line]
        assert "没有任何报送" in line and region in line
    assert "巴南区促进养老托育服务健康发展实施方案" not in refused.stderr
    assert Shelf(tmp_path).kept() == []


def test_every_form_is_there_and_listed(published: Path) -> None:
    folder = published / "2021" / "1"
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    there = checksums(folder)
    del there["manifest.json"]
    assert {name: file["sha256"] for name, file in manifest["files"].items()} == there
    wanted = {
        "index.html", "carestat-2021-1.pdf", "carestat-2021-1.xlsx", "data/datapackage.json",
        "data/csv/figures.csv", "data/parquet/figures.parquet", "data/sdmx/structure.xml",
    }  # fmt: skip
    assert wanted <= there.keys()
    assert manifest["imprint"]["forced_because"] == "试点：只公布巴南区"
    assert len(manifest["imprint"]["objections"]) == 4
    assert "试点：只公布巴南区" in (folder / "index.html").read_text(encoding="utf-8")


def test_made_elsewhere_it_is_the_same_to_the_byte(released: Installation, published: Path, tmp_path: Path) -> None:
    done = released.run(*FORCED, "--to", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert checksums(tmp_path / "2021") == checksums(published / "2021")


def test_the_same_again_makes_no_other_edition(released: Installation, published: Path) -> None:
    before = checksums(published)
    again = released.run("publish", "2021", "--to", str(published))
    assert again.returncode == 0 and "已由同一发布制成" in again.stderr, again.stderr
    assert checksums(published) == before


def test_a_correction_is_another_edition_that_names_the_file(
    corrected: Installation, published: Path, tmp_path: Path
) -> None:
    shelf = Shelf(shutil.copytree(published, tmp_path / "shelf"))
    first = checksums(shelf.root / "2021" / "1")
    asked = Request("2021", reason="参保人数更正", forced_because="试点：只公布巴南区")
    forms = [("open_data", open_data.render)]
    second = publish(corrected.settings, asked, datetime(2026, 6, 1, tzinfo=UTC), shelf, forms).edition
    assert second.name == "2021-2" and checksums(shelf.root / "2021" / "1") == first

    told = changes(shelf.named("2021-1"), second)
    assert told.equals(second.tables()["changes"])
    figure = told.filter(item="basic_pension_participation_rate/default/500113/2021", column="numerator")
    assert figure.select("old", "new", "cause").rows() == [("747,000", "748,000", RETURNS)]
    delivered = told.filter(table_name="deliveries")
    assert delivered.select("item", "column").rows() == [(RETURNS, "sha256")]
    assert set(told.filter(table_name="figures")["cause"]) == {RETURNS}
