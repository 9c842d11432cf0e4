"""Structural metadata of the indicator values: code lists, concepts, data structure and dataflow (SDMX 2.1).

A book in, the artefacts and the structure message out. Identity: agency CARESTAT, version '<year>.<edition>', because a
code list holds what its edition holds and an edition never changes.

Codes of OBS_STATUS, CONF_STATUS and FREQ are those of SDMX's cross-domain lists (CL_OBS_STATUS 2.2, CL_CONF_STATUS 1.2,
CL_FREQ); regions are GB/T 2260.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import polars as pl
from lxml import etree
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.model import (
    Code,
    Codelist,
    Component,
    Components,
    Concept,
    ConceptScheme,
    Dataflow,
    DataStructureDefinition,
    DataType,
    Organisation,
    Role,
)
from pysdmx.model.message import Header

from pipelines.publication import wording
from pipelines.publication.book import COLUMNS, Book

AGENCY = "CARESTAT"
DSD = "CARE_INDICATORS"
CONCEPTS = "CS_CARE"
COMMON = "{http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common}"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"

#: every value is counted in its unit itself: ten to the power of nought
MULTIPLIER = "0"
FREQUENCIES = {"A": ("年度", "Annual"), "M": ("月度", "Monthly")}
#: unit as printed → (code, English)
UNITS = {
    "%": ("PT", "Percent"),
    "百分点": ("PP", "Percentage points"),
    "个": ("N", "Number"),
    "人": ("PERS", "Persons"),
    "人次": ("PERS_TIMES", "Person-times"),
    "家": ("ENT", "Enterprises"),
    "所": ("INST", "Institutions"),
    "项": ("ITEM", "Items"),
    "张": ("BED", "Beds"),
    "元": ("CNY", "Yuan renminbi"),
    "岁": ("YR", "Years of age"),
    "平方米/人": ("M2_PER_PERS", "Square metres per person"),
    "个/千人": ("N_PER_1000_PERS", "Number per thousand persons"),
    "人/百张床位": ("PERS_PER_100_BED", "Persons per hundred beds"),
    "人/千名老人": ("PERS_PER_1000_OLD", "Persons per thousand elderly persons"),
}


@dataclass(frozen=True)
class Part:
    """A component: the column of `figures` that fills it, its code list, and for attributes what they are attached to.

    What is attached to the data set is no column.
    """

    id: str
    column: str
    role: Role
    zh: str = ""
    en: str = ""
    codelist: str = ""
    dtype: DataType | None = None
    attached: str | None = None
    required: bool = True


_SERIES, DATASET = "INDICATOR,VARIANT", "D"
PARTS = (
    Part("FREQ", "period", Role.DIMENSION, "频率", "Frequency", "CL_FREQ"),
    Part("REF_AREA", "region_code", Role.DIMENSION, codelist="CL_REGION"),
    Part("INDICATOR", "indicator_key", Role.DIMENSION, codelist="CL_INDICATOR"),
    Part("VARIANT", "variant", Role.DIMENSION, codelist="CL_VARIANT"),
    Part("TIME_PERIOD", "period", Role.DIMENSION, dtype=DataType.PERIOD),
    Part("OBS_VALUE", "value", Role.MEASURE, dtype=DataType.DOUBLE, required=False),
    Part("OBS_STATUS", "obs_status", Role.ATTRIBUTE, codelist="CL_OBS_STATUS", attached="O"),
    Part("CONF_STATUS", "conf_status", Role.ATTRIBUTE, codelist="CL_CONF_STATUS", attached="O"),
    Part("NUMERATOR", "numerator", Role.ATTRIBUTE, dtype=DataType.DOUBLE, attached="O", required=False),
    Part("DENOMINATOR", "denominator", Role.ATTRIBUTE, dtype=DataType.DOUBLE, attached="O", required=False),
    Part("EXTREME", "extreme", Role.ATTRIBUTE, dtype=DataType.DOUBLE, attached="O", required=False),
    Part("COVERAGE_N", "coverage_n", Role.ATTRIBUTE, dtype=DataType.INTEGER, attached="O", required=False),
    Part("COVERAGE_M", "coverage_m", Role.ATTRIBUTE, dtype=DataType.INTEGER, attached="O", required=False),
    Part("UNIT_MEASURE", "unit", Role.ATTRIBUTE, codelist="CL_UNIT", attached=_SERIES),
    Part("DECIMALS", "decimals", Role.ATTRIBUTE, dtype=DataType.INTEGER, attached=_SERIES),
    Part("UNIT_MULT", "", Role.ATTRIBUTE, "单位乘数", "Unit multiplier", "CL_UNIT_MULT", attached=DATASET),
)


def unit_code(unit: str) -> str:
    """The code of a unit; one that is not listed is coded by its characters, since a new unit is data, not code."""
    return UNITS[unit][0] if unit in UNITS else "U_" + "_".join(f"{ord(character):04X}" for character in unit)


def header(book: Book, message: str) -> Header:
    """The header of a message, without clock or chance: its id names the edition, its time is the release's."""
    return Header(
        id=f"{AGENCY}-{book.imprint.name}-{message}",
        prepared=datetime.fromisoformat(book.imprint.released_at),
        sender=Organisation(id=AGENCY),
    )


@dataclass
class Structure:
    """The artefacts that describe `figures` of one book."""

    book: Book
    #: (Chinese, English) by the placeholder that stands in the artefact: pysdmx knows one language, English
    texts: list[tuple[str, str]] = field(default_factory=list)

    def named(self, zh: str, en: str = "") -> str:
        self.texts.append((zh, en))
        return str(len(self.texts) - 1)

    @property
    def version(self) -> str:
        return f"{self.book.imprint.year}.{self.book.imprint.edition}"

    @cached_property
    def codelists(self) -> dict[str, Codelist]:
        figures, definitions = self.book["figures"], self.book.definitions
        regions = figures.sort("period").group_by("region_code").agg(pl.col("region_name").last()).sort("region_code")
        described: dict[str, list[str]] = {}
        for (_, variant), row in sorted(definitions.items()):
            described.setdefault(variant, []).append(f"{row['indicator_name']}：{row['definition']}")
        lists: dict[str, tuple[str, str, Iterable[tuple[str, str, str, str]]]] = {
            "CL_FREQ": ("频率", "Frequency", ((code, *words, "") for code, words in FREQUENCIES.items())),
            "CL_REGION": ("地区", "Regions", ((code, name, "", "") for code, name in regions.iter_rows())),
            "CL_INDICATOR": (
                "指标",
                "Indicators",
                (
                    (key, row["indicator_name"], row["indicator_name_en"], row["definition"])
                    for (key, variant), row in sorted(definitions.items())
                    if variant == "default" or (key, "default") not in definitions
                ),
            ),
            "CL_VARIANT": (
                "口径",
                "Variants of definition",
                (
                    ("default", "默认口径", "Default definition", "")
                    if variant == "default"
                    else (variant, variant, variant, "；".join(words))
                    for variant, words in sorted(described.items())
                ),
            ),
            "CL_OBS_STATUS": ("观测状态", "Observation status", _worded("obs_status")),
            "CL_CONF_STATUS": ("保密状态", "Confidentiality status", _worded("conf_status")),
            "CL_UNIT_MULT": ("单位乘数", "Unit multiplier", ((MULTIPLIER, "个", "Units", ""),)),
            "CL_UNIT": (
                "计量单位",
                "Units of measure",
                ((unit_code(unit), unit, UNITS.get(unit, ("", ""))[1], "") for unit in figures["unit"].unique().sort()),
            ),
        }
        return {
            name: Codelist(
                id=name,
                name=self.named(zh, en),
                agency=AGENCY,
                version=self.version,
                is_final=True,
                items=[self._code(*code) for code in dict((code[0], code) for code in codes).values()],
            )
            for name, (zh, en, codes) in lists.items()
        }

    def _code(self, code: str, zh: str, en: str, description: str) -> Code:
        return Code(id=code, name=self.named(zh, en), description=self.named(description) if description else None)

    @cached_property
    def concepts(self) -> ConceptScheme:
        scheme = f"urn:sdmx:org.sdmx.infomodel.conceptscheme.Concept={AGENCY}:{CONCEPTS}({self.version})"
        return ConceptScheme(
            id=CONCEPTS,
            name=self.named("“一老一小”指标的概念", "Concepts of the indicators of elderly care and childcare"),
            agency=AGENCY,
            version=self.version,
            is_final=True,
            items=[
                Concept(
                    id=part.id,
                    urn=f"{scheme}.{part.id}",
                    name=self.named(part.zh or COLUMNS[part.column].zh, part.en or COLUMNS[part.column].en),
                    # sdmx1 looks here for the codes of what is attached to the data set
                    codes=self.codelists[part.codelist] if part.attached == DATASET else None,
                )
                for part in PARTS
            ],
        )

    @cached_property
    def definition(self) -> DataStructureDefinition:
        return DataStructureDefinition(
            id=DSD,
            name=self.named(self.book.imprint.title, self.book.imprint.title_en),
            agency=AGENCY,
            version=self.version,
            is_final=True,
            components=Components(
                [
                    Component(
                        id=part.id,
                        required=part.required,
                        role=part.role,
                        concept=self.concepts[part.id],
                        local_dtype=part.dtype,
                        local_codes=self.codelists.get(part.codelist),
                        attachment_level=part.attached,
                    )
                    for part in PARTS
                ]
            ),
        )

    def message(self) -> bytes:
        """The structure message, SDMX-ML 2.1, every name in Chinese and, where there are English words, in English."""
        flow = Dataflow(
            id=DSD,
            name=self.named(self.book.imprint.title, self.book.imprint.title_en),
            agency=AGENCY,
            version=self.version,
            is_final=True,
            structure=self.definition,
        )
        written = write_sdmx(
            [*self.codelists.values(), self.concepts, self.definition, flow],
            Format.STRUCTURE_SDMX_ML_2_1,
            header=header(self.book, "STRUCTURE"),
            prettyprint=False,
        )
        return self._with_texts(str(written).encode())

    def _with_texts(self, written: bytes) -> bytes:
        root = etree.fromstring(written)
        for tag in (f"{COMMON}Name", f"{COMMON}Description"):
            for element in list(root.iter(tag)):
                zh, en = self.texts[int(element.text)]
                element.text = zh
                element.set(LANGUAGE, "zh")
                if en:
                    english = etree.Element(tag, {LANGUAGE: "en"})
                    english.text = en
                    element.addnext(english)
        etree.indent(root)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _worded(column: str) -> Iterable[tuple[str, str, str, str]]:
    return ((code, *words, "") for code, words in wording.WORDS[column].items())
