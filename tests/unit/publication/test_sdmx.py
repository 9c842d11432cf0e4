"""SDMX, read back by sdmx1, which shares no code with the library that wrote it, and judged by SDMX-ML's schema."""

from pathlib import Path

import polars as pl
import pytest
import sdmx
from pysdmx.io.xml.doc_validation import validate_doc

from pipelines.publication.book import Book
from pipelines.publication.forms import sdmx as form
from pipelines.publication.forms.sdmx_structure import unit_code
from tests.unit.publication.small_book import small_book

FILES = ("structure.xml", "data.xml", "data.csv")
DIMENSIONS = ("FREQ", "REF_AREA", "INDICATOR", "VARIANT", "TIME_PERIOD")
#: key → value, obs_status, conf_status, numerator, unit, decimals
WANTED = {
    ("A", "500113", "bed_share", "default", "2020"): (32.3, "A", "F", 323.0, "PT", "2"),
    ("A", "500113", "bed_share", "default", "2021"): (0.0, "A", "F", 0.0, "PT", "2"),
    ("A", "500113", "bed_share", "default", "2022"): (51.5, "E", "F", 515.0, "PT", "2"),
    ("A", "500113", "bed_share", "default", "2023"): (None, "L", "F", None, "PT", "2"),
    ("A", "500113", "bed_share", "default", "2024"): (None, "M", "F", None, "PT", "2"),
    ("A", "500113", "bed_share", "default", "2025"): (68.8678, "A", "F", 688.678, "PT", "2"),
    ("A", "410000", "bed_share", "default", "2025"): (12.345, "P", "F", 1.0, "PT", "2"),
    ("A", "410100", "bed_share", "default", "2025"): (None, "O", "F", None, "PT", "2"),
    ("A", "500113", "persons_trained", "default", "2025"): (None, "Q", "C", None, "PERS_TIMES", "0"),
    ("A", "500113", "persons_trained", "per_district", "2025"): (1560.0, "B", "F", 1560.0, "U_5F20_002F_8857", "0"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    edition = tmp_path_factory.mktemp("edition")
    form.render(small_book(), edition)
    return edition / "data/sdmx"


@pytest.fixture(scope="module")
def structure(folder: Path):
    return sdmx.read_sdmx(folder / "structure.xml")


def _read(message, structure) -> dict:
    """Observations by key; codes and plain text alike as text, an empty field as None."""
    found = {}
    for one in message.data[0].obs:
        key = tuple(_text(one.dimension.values[dimension].value) for dimension in DIMENSIONS)
        said = {name: _text(attribute.value) for name, attribute in one.attached_attribute.items()}
        found[key] = (
            _number(one.value), said["OBS_STATUS"], said["CONF_STATUS"], _number(said.get("NUMERATOR")),
            said["UNIT_MEASURE"], said["DECIMALS"],
        )  # fmt: skip
    return found


def _text(value) -> str:
    return str(getattr(value, "id", value))


def _number(value) -> float | None:
    return None if value in (None, "") else float(value)


def test_the_structure_is_what_it_should_be(structure) -> None:
    definition = structure.structure["CARE_INDICATORS"]
    assert (definition.maintainer.id, definition.version) == ("CARESTAT", "2025.2")
    assert tuple(one.id for one in definition.dimensions.components) == DIMENSIONS
    assert [one.id for one in definition.measures.components] == ["OBS_VALUE"]
    assert [one.id for one in definition.attributes.components] == [
        "OBS_STATUS", "CONF_STATUS", "NUMERATOR", "DENOMINATOR", "EXTREME", "COVERAGE_N", "COVERAGE_M", "UNIT_MEASURE",
        "DECIMALS", "UNIT_MULT",
    ]  # fmt: skip
    assert structure.dataflow["CARE_INDICATORS"].structure.id == "CARE_INDICATORS"
    assert structure.header.prepared.isoformat() == "2026-03-01T01:02:03+00:00"


def test_codes_have_names_in_both_languages(structure) -> None:
    indicator = structure.codelist["CL_INDICATOR"].items["bed_share"]
    assert dict(indicator.name.localizations) == {
        "zh": "护理型床位占比",
        "en": 'Elders\' nursing beds & "others"',
    }
    assert indicator.description["zh"] == "床位之比"
    assert dict(structure.codelist["CL_REGION"].items["410100"].name.localizations) == {"zh": "郑州市"}
    assert set(structure.codelist["CL_OBS_STATUS"].items) == set("AEPLOMQB")
    assert structure.codelist["CL_CONF_STATUS"].items["C"].name["en"] == "Confidential statistical information"
    assert structure.concept_scheme["CS_CARE"].items["NUMERATOR"].name["zh"] == "分子"
    assert structure.codelist["CL_VARIANT"].items["per_district"].description["zh"] == "培训人数：每区"


def test_xml_read_by_another_library_holds_the_values_of_the_book(folder: Path, structure) -> None:
    with (folder / "data.xml").open("rb") as file:
        message = sdmx.read_sdmx(file, structure=structure.structure["CARE_INDICATORS"])
    assert _read(message, structure) == WANTED
    assert message.data[0].attrib["UNIT_MULT"].value == "0"


def test_csv_read_by_another_library_holds_the_values_of_the_book(folder: Path, structure) -> None:
    message = sdmx.read_sdmx(folder / "data.csv", structure=structure.structure["CARE_INDICATORS"])
    assert _read(message, structure) == WANTED


def test_a_missing_observation_has_no_value_in_the_files(folder: Path) -> None:
    assert (folder / "data.xml").read_text().count("OBS_VALUE=") == 6
    line = next(line for line in (folder / "data.csv").read_text().splitlines() if ",2023," in line)
    assert line == (
        "datastructure,CARESTAT:CARE_INDICATORS(2025.2),I,A,500113,bed_share,default,2023,,L,F,,,,0,1,PT,2,0"
    )


@pytest.mark.parametrize("name", ["structure.xml", "data.xml"])
def test_messages_obey_the_schema_of_sdmx(folder: Path, name: str) -> None:
    validate_doc((folder / name).read_text(encoding="utf-8"))


def test_the_same_book_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    form.render(small_book(), tmp_path)
    assert [
        name for name in FILES if (tmp_path / "data/sdmx" / name).read_bytes() != (folder / name).read_bytes()
    ] == []
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)


def test_a_month_is_monthly(tmp_path: Path) -> None:
    book = small_book()
    monthly = book["figures"].head(1).with_columns(period=pl.lit("2025-03"))
    form.render(Book(book.imprint, book.tables | {"figures": monthly}), tmp_path)
    described = sdmx.read_sdmx(tmp_path / "data/sdmx/structure.xml").structure["CARE_INDICATORS"]
    message = sdmx.read_sdmx(tmp_path / "data/sdmx/data.csv", structure=described)
    assert list(_read(message, described)) == [("M", "500113", "bed_share", "default", "2025-03")]


def test_units_have_codes_that_sdmx_admits() -> None:
    assert unit_code("%") == "PT"
    assert unit_code("张/街") == "U_5F20_002F_8857"
