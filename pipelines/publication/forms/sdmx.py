"""The indicator values in SDMX: a book in, three files below `data/sdmx/` out.

`structure.xml`, SDMX-ML 2.1     code lists, concepts, data structure, dataflow (sdmx_structure.py)
`data.xml`, SDMX-ML 2.1          every value, structure-specific, all dimensions with each observation
`data.csv`, SDMX-CSV 2.0         the same

Version 2.1 of SDMX-ML, since the readers in use know it; of 3.0, written by pysdmx, sdmx1 cannot read the structure.
An observation without a value has no OBS_VALUE (in CSV: an empty field) and says why in OBS_STATUS (L, O, M, Q).
Notes in free text stay in the tables of open_data.py.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
from pysdmx.io import write_sdmx
from pysdmx.io.format import Format
from pysdmx.io.pd import PandasDataset

from pipelines.publication.book import Book
from pipelines.publication.forms.sdmx_structure import DATASET, MULTIPLIER, PARTS, Structure, header, unit_code


def render(book: Book, folder: Path) -> None:
    """Write structure and data of `figures` below folder/data/sdmx."""
    target = folder / "data" / "sdmx"
    target.mkdir(parents=True, exist_ok=True)
    structure = Structure(book)
    (target / "structure.xml").write_bytes(structure.message())
    observed = observations(book)
    for name, form in (("data.xml", Format.DATA_SDMX_ML_2_1_STR), ("data.csv", Format.DATA_SDMX_CSV_2_0_0)):
        # a dataset is used up by being written
        dataset = PandasDataset(
            structure=structure.definition.to_schema(),
            data=observed.to_pandas(use_pyarrow_extension_array=True),
            attributes={"UNIT_MULT": MULTIPLIER},
        )
        written = write_sdmx([dataset], form, header=header(book, "DATA"), prettyprint=False)
        (target / name).write_bytes(str(written).encode())


def observations(book: Book) -> pl.DataFrame:
    """One row an observation, one column a component, in the order of the data structure."""
    figures = book["figures"]
    units = {unit: unit_code(unit) for unit in figures["unit"].unique()}
    filled = {part.id: pl.col(part.column) for part in PARTS if part.attached != DATASET}
    filled["FREQ"] = pl.when(pl.col("period").str.len_chars() == 4).then(pl.lit("A")).otherwise(pl.lit("M"))
    filled["UNIT_MEASURE"] = pl.col("unit").replace_strict(units, return_dtype=pl.String)
    return figures.select(**filled)
