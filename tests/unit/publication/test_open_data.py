"""The data files: byte for byte as machines read them, typed in Parquet, valid for Frictionless without a network."""

import csv
import hashlib
import json
import socket
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq
import pytest
from frictionless import validate

from pipelines.publication.book import Book
from pipelines.publication.forms import open_data
from tests.unit.publication.small_book import FIGURES, HOSTILE, MORE_HOSTILE, small_book


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edition")
    open_data.render(small_book(), folder)
    return folder / "data"


@pytest.fixture(scope="module")
def described(data: Path) -> dict:
    return json.loads((data / "datapackage.json").read_text(encoding="utf-8"))


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def _resource(described: dict, name: str) -> dict:
    return next(one for one in described["resources"] if one["name"] == name)


def test_csv_is_plain_rfc_4180(data: Path) -> None:
    assert (data / "csv/beneficiaries.csv").read_bytes().decode() == (
        "programme_code,programme_name,region_code,region_name,region_level,period,persons,payments,coverage_n,"
        "coverage_m,conf_status\r\n"
        "S5,运营补贴,500113,巴南区,county,2024,38,457,1,1,F\r\n"
        "S5,运营补贴,500113,巴南区,county,2024-12,,,1,1,C\r\n"
    )


def test_text_comes_back_as_it_went_in(data: Path) -> None:
    with (data / "csv/document_rows.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert (first["label"], first["note"]) == (HOSTILE, MORE_HOSTILE)


def test_values_zero_missing_and_flags_come_back(data: Path) -> None:
    with (data / "csv/figures.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    read = [(row["value"] and float(row["value"]), row["obs_status"], row["conf_status"]) for row in rows]
    assert read == [
        (32.3, "A", "F"), (0.0, "A", "F"), (51.5, "E", "F"), ("", "L", "F"), ("", "M", "F"), (68.8678, "A", "F"),
        (12.345, "P", "F"), ("", "O", "F"), ("", "Q", "C"), (1560.0, "B", "F"),
    ]  # fmt: skip
    assert len(rows) == len(FIGURES)


def test_parquet_is_typed_and_says_what_it_holds(data: Path) -> None:
    figures = pq.read_table(data / "parquet/figures.parquet")
    assert [str(figures.schema.field(one).type) for one in ("region_code", "value", "decimals")] == [
        "string",
        "double",
        "int64",
    ]
    assert figures["value"].to_pylist()[1] == 0.0
    assert figures["value"].null_count == 4
    about = figures.schema.metadata
    assert (about[b"title_zh"].decode(), about[b"edition"]) == ("指标值", b"2025-2")
    assert about[b"grain"].decode() == "指标 × 口径 × 地区 × 年度"
    persons = pq.read_schema(data / "parquet/beneficiaries.parquet").field("persons")
    assert (persons.metadata[b"comment_zh"].decode(), persons.metadata[b"unit"].decode()) == ("人数", "人")
    tasks = pq.read_table(data / "parquet/document_tasks.parquet")
    assert tasks["done_on"].to_pylist() == [date(2024, 9, 10), None]


def test_frictionless_finds_the_package_valid_offline(data: Path, no_network: None) -> None:
    report = validate(data / "datapackage.json")
    assert report.valid, report.flatten(["name", "message"])
    assert {task.name: task.stats.get("rows") for task in report.tasks}["figures"] == 10


@pytest.mark.parametrize(
    ("file", "old", "new", "error"),
    [
        ("figures.csv", ",E,F", ",X,F", "constraint-error"),
        ("progress.csv", "annex_1,1,", "annex_1,9,", "foreign-key"),
        ("regions.csv", "500113", "410000", "primary-key"),
        ("beneficiaries.csv", ",38,", ",约38,", "type-error"),
        ("measures.csv", "床位数", "床位", "hash-count"),
    ],
)
def test_what_the_package_promises_is_checked(
    tmp_path: Path, no_network: None, file: str, old: str, new: str, error: str
) -> None:
    book = small_book()
    progress = book["document_rows"].select("document_key", "table_key", "row_no", period="actual_period").head(2)
    open_data.render(Book(book.imprint, book.tables | {"progress": progress}), tmp_path)
    path = tmp_path / "data/csv" / file
    text = path.read_bytes().decode()
    assert old in text
    path.write_bytes(text.replace(old, new, 1).encode())
    report = validate(tmp_path / "data/datapackage.json")
    found = {one.type for task in report.tasks if task.name == file.removesuffix(".csv") for one in task.errors}
    assert error in found


def test_metadata_are_whole(described: dict) -> None:
    assert (described["name"], described["version"]) == ("carestat-2025-2", "2025.2")
    assert described["created"] == "2026-03-01T01:02:03+00:00"
    assert described["temporal"] == {"start": "2020", "end": "2025"}
    assert "licenses" not in described
    assert "实施方案 巴南发改发〔2021〕74号" in [one["title"] for one in described["sources"]]
    figures = _resource(described, "figures")
    assert (figures["title"], figures["titleEn"]) == ("指标值", "Indicator values")
    assert figures["schema"]["missingValues"] == [""]
    assert figures["schema"]["primaryKey"] == ["indicator_key", "variant", "region_code", "period"]
    fields = {one["name"]: one for one in figures["schema"]["fields"]}
    assert all(one["title"] and one["description"] for one in fields.values())
    assert fields["obs_status"]["constraints"]["enum"] == ["A", "B", "E", "L", "M", "O", "P", "Q"]
    assert fields["value"]["type"] == "number" and "constraints" not in fields["value"]
    assert _resource(described, "beneficiaries")["schema"]["fields"][6]["unit"] == "人"


def test_each_file_is_listed_with_its_size_and_checksum(data: Path, described: dict) -> None:
    files = {str(path.relative_to(data)) for kind in ("csv", "parquet") for path in (data / kind).iterdir()}
    assert {one["path"] for one in described["resources"]} == files
    for one in described["resources"]:
        content = (data / one["path"]).read_bytes()
        assert (one["bytes"], one["hash"]) == (len(content), "sha256:" + hashlib.sha256(content).hexdigest())


def test_the_same_book_gives_the_same_bytes(data: Path, tmp_path: Path) -> None:
    open_data.render(small_book(), tmp_path)
    again = tmp_path / "data"
    files = [path.relative_to(data) for path in data.rglob("*") if path.is_file()]
    assert len(files) == 27
    assert [one for one in files if (again / one).read_bytes() != (data / one).read_bytes()] == []


def test_a_number_keeps_all_its_digits(tmp_path: Path) -> None:
    book = small_book()
    hard = [0.1 + 0.2, 1e16, 123456789.123456789, 1e-7]
    measured = book["figures"].head(4).with_columns(value=pl.Series(hard))
    open_data.render(Book(book.imprint, book.tables | {"figures": measured}), tmp_path)
    with (tmp_path / "data/csv/figures.csv").open(encoding="utf-8", newline="") as file:
        texts = [row["value"] for row in csv.DictReader(file)]
    assert [float(text) for text in texts] == hard
    assert not any("e" in text.lower() for text in texts)


def test_a_rejected_file_in_a_folder_of_any_name_leaves_the_package_valid(tmp_path: Path, no_network: None) -> None:
    book = small_book()
    sound = book["deliveries"]
    stray = {"source": "kindergartens", "path": "kindergartens/december/x.csv", "period": "december"}
    strays = pl.DataFrame([sound.row(0, named=True) | stray], schema=sound.schema)
    tables = book.tables | {"deliveries": pl.concat([sound, strays])}
    open_data.render(Book(book.imprint, tables), tmp_path)
    assert validate(str(tmp_path / "data/datapackage.json")).valid
