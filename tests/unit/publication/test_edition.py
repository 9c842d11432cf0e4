"""An edition is complete or not there; once there, nothing of it changes; equal inputs give equal bytes."""

import hashlib
import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from filelock import FileLock

from pipelines.publication import edition, publishing
from pipelines.publication.book import Book
from pipelines.publication.edition import (
    Damaged,
    OtherProgram,
    Published,
    ReasonNeeded,
    Refused,
    Request,
    Unaccounted,
)
from pipelines.publication.rendering import FormFailed
from pipelines.publication.shelf import NoEdition, Shelf
from pipelines.settings import PROJECT
from pipelines.warehouse.lock import AnotherRun
from tests.unit.publication.tiny_release import FIGURE, FIRST, FORMS, SECOND, TinyRelease, content, frame, tables

NOW = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
ONE_FEWER = pl.concat([tables()["figures"].filter(pl.col("region_code") != "511702"), frame(FIGURE | {"value": 69.0})])


@pytest.fixture
def tiny(tmp_path: Path) -> TinyRelease:
    return TinyRelease.in_folder(tmp_path)


def publish(tiny: TinyRelease, year: str = "2025", forms: Any = FORMS, changed: Any = None, **asked: Any) -> Published:
    shelf = asked.pop("shelf", None)
    return edition.publish(
        tiny.settings,
        Request(year, **asked),
        NOW,
        shelf,
        forms,
        content(**({"figures": changed} if changed is not None else {})),
    )


def checksums(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def visible(tiny: TinyRelease) -> list[str]:
    return [one.name for one in Shelf(tiny.settings.publication).kept()]


def test_the_manifest_says_what_the_edition_is_made_of(tiny: TinyRelease) -> None:
    made = publish(tiny)
    assert made.is_new and made.edition.folder == tiny.settings.var / "publication" / "2025" / "1"
    said = json.loads((made.edition.folder / "manifest.json").read_text())
    on_disk = checksums(made.edition.folder)
    del on_disk["manifest.json"]
    assert {name: entry["sha256"] for name, entry in said["files"].items()} == on_disk
    assert "data/parquet/figures.parquet" in on_disk
    cover = made.edition.folder / "cover.txt"
    assert said["files"]["cover.txt"]["bytes"] == cover.stat().st_size
    assert said["deliveries"] == {
        "elderly_facilities/2025-12/511702.csv": {"sha256": "a" * 64, "state": "landed"},
    }
    assert said["made_from"]["release"] == FIRST
    assert set(said["definitions"]) == {"beds/default"}
    assert said["imprint"]["released_at"] == "2026-01-05T00:00:00+00:00"
    assert not any(path.stat().st_mode & 0o222 for path in made.edition.folder.rglob("*") if path.is_file())


def test_two_folders_get_the_same_bytes(tiny: TinyRelease, tmp_path: Path) -> None:
    folders = [publish(tiny, shelf=Shelf(tmp_path / name)).edition.folder for name in ("a", "b")]
    first, second = map(checksums, folders)
    assert first == second and "manifest.json" in first


def test_the_same_again_is_verified_and_left_alone(tiny: TinyRelease) -> None:
    first = publish(tiny)
    before = checksums(first.edition.folder)
    again = publish(tiny, reason="again")
    assert not again.is_new and again.edition == first.edition
    assert checksums(first.edition.folder) == before and visible(tiny) == ["2025-1"]


def test_a_correction_says_why_and_leaves_the_first_edition(tiny: TinyRelease) -> None:
    first = publish(tiny).edition
    before = checksums(first.folder)
    tiny.release(SECOND)
    tiny.last_run(SECOND)
    with pytest.raises(ReasonNeeded, match=r"已有公报 2025-1.*有 1 处不同.*--reason"):
        publish(tiny, changed=ONE_FEWER)
    assert visible(tiny) == ["2025-1"]

    second = publish(tiny, changed=ONE_FEWER, reason="通川区补报").edition
    assert (second.name, visible(tiny)) == ("2025-2", ["2025-1", "2025-2"])
    assert checksums(first.folder) == before
    imprint = second.manifest["imprint"]
    assert (imprint["reason"], imprint["compared_with"]) == ("通川区补报", "2025-1")
    told = second.tables()["changes"].filter(item="beds/default/511702/2025", column="value")
    assert told.select("old", "new").rows() == [("70", "69")]
    assert "changes" not in first.tables()


def test_another_release_without_any_difference_needs_a_reason_too(tiny: TinyRelease) -> None:
    publish(tiny)
    tiny.release(SECOND)
    tiny.last_run(SECOND)
    with pytest.raises(ReasonNeeded, match="有 0 处不同"):
        publish(tiny)


def test_an_earlier_release_can_be_published(tiny: TinyRelease) -> None:
    tiny.release(SECOND)
    tiny.last_run(SECOND)
    assert publish(tiny, release_id=FIRST).edition.manifest["made_from"]["release"] == FIRST


def test_the_reason_of_a_first_edition_is_none(tiny: TinyRelease) -> None:
    assert publish(tiny, reason="x").edition.manifest["imprint"]["reason"] == ""


def test_it_is_refused_with_all_reasons_and_forced_with_one(tiny: TinyRelease) -> None:
    tiny.calendar("2025,2099-01-01T09:00:00+08:00,统计局,例行")
    tiny.last_run(FIRST, ("parts_within_whole", "critical", False, False))
    with pytest.raises(Refused) as refused:
        publish(tiny)
    told = str(refused.value)
    assert "原因 2 条" in told and "parts_within_whole" in told and "前不得公布" in told
    assert "seeds/publication_calendar.csv" in told and '--force "理由"' in told
    assert visible(tiny) == []

    forced = publish(tiny, forced_because="人大会议需要").edition
    cover = (forced.folder / "cover.txt").read_text()
    assert "人大会议需要" in cover and "parts_within_whole" in cover and "2099-01-01 09:00+08:00" in cover
    imprint = forced.manifest["imprint"]
    assert imprint["forced_because"] == "人大会议需要" and len(imprint["objections"]) == 2


def test_where_nothing_stands_against_it_nothing_is_forced(tiny: TinyRelease) -> None:
    assert publish(tiny, forced_because="为防万一").edition.manifest["imprint"]["forced_because"] == ""


@pytest.mark.parametrize("moment", ["form", "place"])
def test_a_killed_publication_leaves_nothing_and_the_next_is_whole(
    tiny: TinyRelease, tmp_path: Path, moment: str
) -> None:
    whole = checksums(publish(tiny, shelf=Shelf(tmp_path / "undisturbed")).edition.folder)
    died = subprocess.run(
        [sys.executable, "-m", "tests.unit.publication.dying", str(tmp_path), moment],
        cwd=PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert list((tiny.settings.publication / "2025").iterdir()), "it died before it had begun"
    assert visible(tiny) == []
    made = publish(tiny).edition
    assert made.name == "2025-1" and checksums(made.folder) == whole
    assert [path.name for path in made.folder.parent.iterdir()] == ["1"]


def test_a_form_that_cannot_be_made_is_named_and_leaves_nothing(tiny: TinyRelease) -> None:
    def broken(*_: object) -> None:
        raise ValueError("字体缺字 𱍔")

    with pytest.raises(FormFailed, match=r"成品 pdf.*字体缺字 𱍔"):
        publish(tiny, forms=(*FORMS, ("pdf", broken)))
    assert list((tiny.settings.publication / "2025").iterdir()) == []


def told_by_the_command(
    tiny: TinyRelease, shelf: Shelf, forms: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    monkeypatch.setattr(publishing, "publish", partial(edition.publish, forms=forms, content_of=content()))
    code = publishing.run_publish(tiny.settings, Request("2025"), shelf)
    return code, capsys.readouterr().err


def test_a_full_disk_is_said_in_words(
    tiny: TinyRelease, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def to_a_full_disk(_: Book, folder: Path) -> None:
        (folder / "page.html").symlink_to("/dev/full")
        (folder / "page.html").write_text("x" * 100_000)

    code, told = told_by_the_command(
        tiny, Shelf(tiny.settings.publication), (*FORMS, ("site", to_a_full_disk)), monkeypatch, capsys
    )
    assert code == 1 and "磁盘已满" in told and "原有公报不变" in told
    assert visible(tiny) == []


def test_a_place_that_cannot_be_written_is_named(
    tiny: TinyRelease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    code, told = told_by_the_command(tiny, Shelf(tmp_path / "file" / "below"), FORMS, monkeypatch, capsys)
    assert code == 1 and "未能写入" in told and str(tmp_path / "file") in told


def test_damage_is_found_and_the_file_named(tiny: TinyRelease, capsys: pytest.CaptureFixture[str]) -> None:
    made = publish(tiny).edition
    shelf = Shelf(tiny.settings.publication)
    assert publishing.run_verify(shelf, "2025") == 0
    figures, cover = made.folder / "data/parquet/figures.parquet", made.folder / "cover.txt"
    figures.chmod(0o644)
    figures.write_bytes(figures.read_bytes()[:-1] + b"x")
    cover.unlink()
    (made.folder / "added.html").write_text("x")
    assert publishing.run_verify(shelf, "2025-1") == 1
    told = capsys.readouterr().err
    assert "data/parquet/figures.parquet  内容已变" in told
    assert "cover.txt  缺失" in told and "added.html  不属于本版" in told
    assert "regions.parquet" not in told
    with pytest.raises(Damaged):
        publish(tiny)


def test_a_damaged_edition_is_not_compared_with(tiny: TinyRelease) -> None:
    figures = publish(tiny).edition.folder / "data" / "parquet" / "figures.parquet"
    figures.chmod(0o644)
    pl.read_parquet(figures).with_columns(value=pl.lit(1.0)).write_parquet(figures)
    tiny.release(SECOND)
    with pytest.raises(Damaged, match=r"2025-1[^$]*figures\.parquet"):
        publish(tiny, reason="更正", forced_because="试点")
    assert visible(tiny) == ["2025-1"]


def test_an_unreadable_manifest_is_damage(tiny: TinyRelease) -> None:
    made = publish(tiny).edition
    manifest = made.folder / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_bytes(manifest.read_bytes()[:-100])
    with pytest.raises(Damaged, match=r"manifest\.json  读不出"):
        edition.verify(made)


def test_an_edition_that_is_not_kept_is_told_with_those_that_are(tiny: TinyRelease) -> None:
    publish(tiny)
    with pytest.raises(NoEdition, match=r"没有公报 2024.*现有.*2025-1"):
        Shelf(tiny.settings.publication).named("2024")
    with pytest.raises(NoEdition):
        Shelf(tiny.settings.publication).named("2025-2")


def test_a_release_of_another_program_is_told_apart_from_a_failure(tiny: TinyRelease) -> None:
    with pytest.raises(OtherProgram, match=f"发布 {FIRST} 由另一版程序制成.*carestat nightly"):
        edition.publish(tiny.settings, Request("2025"), NOW)
    assert visible(tiny) == []


def test_one_publication_at_a_time(tiny: TinyRelease, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARESTAT_WAIT", "0")
    tiny.settings.publication.mkdir(parents=True)
    with FileLock(tiny.settings.publication / ".lock"), pytest.raises(AnotherRun):
        publish(tiny)
    assert publish(tiny).is_new


def test_without_what_an_earlier_edition_hid_no_other_is_made(tiny: TinyRelease) -> None:
    shelf = Shelf(tiny.settings.publication)
    publish(tiny)
    # the tiny release keeps no true counts: what stands there cannot be read
    with pytest.raises(Unaccounted, match=r"confidential/2025-1\.parquet.*备份"):
        edition.former_counts(shelf)
    shelf.confidential("2025-1").unlink()
    with pytest.raises(Unaccounted, match=r"confidential/2025-1\.parquet.*备份"):
        edition.former_counts(shelf)


def test_true_counts_half_written_are_cleared_away(tiny: TinyRelease) -> None:
    half = Shelf(tiny.settings.publication).confidential("x").with_name(".2025-1.parquet.77-1.part")
    half.parent.mkdir(parents=True)
    half.write_text("true counts")
    publish(tiny)
    assert [path.name for path in half.parent.iterdir()] == ["2025-1.parquet"]
