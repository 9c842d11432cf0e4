"""The register of a day is that of the last day on which a region began or ended."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing.region_register import REGISTER_COLUMNS, RegionsOn, Register

DAYS = st.dates(date(2019, 12, 30), date(2020, 1, 10))
SCHEMA = dict.fromkeys(REGISTER_COLUMNS, pl.String) | {"valid_from": pl.Date, "valid_to": pl.Date}
CODES = ("110000", "110100", "110101", "110102")


@st.composite
def registers(draw):
    """Regions that begin, end and are succeeded, some of them twice."""
    rows = []
    for code in draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=6)):
        parent = "000000" if code == CODES[0] else CODES[0] if code == CODES[1] else CODES[1]
        level = "province" if code == CODES[0] else "prefecture" if code == CODES[1] else "county"
        start = draw(DAYS)
        end = draw(st.none() | st.integers(0, 8).map(lambda days, start=start: start + timedelta(days)))
        rows.append((code, parent, level, start, end, draw(st.none() | st.sampled_from(CODES))))
    return pl.DataFrame(sorted(rows, key=lambda row: (row[0], row[3])), schema=SCHEMA, orient="row")


@given(registers(), st.lists(DAYS, min_size=1))
def test_every_day_is_told_as_if_it_were_looked_up_by_itself(rows, days):
    register = Register(lambda: rows)
    for day in days:
        by_itself = RegionsOn(rows.iter_rows(), day)
        for code in CODES:
            assert register.on(day).line_of(code) == by_itself.line_of(code)
            assert register.on(day).resolve(code) == by_itself.resolve(code)
            assert (code in register.on(day)) == (code in by_itself)
