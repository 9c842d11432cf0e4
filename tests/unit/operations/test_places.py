"""The register of a day is that of the last day on which a region began or ended."""

from datetime import date, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.landing.region_register import Register
from pipelines.operations.places import EMPTY, Places

DAYS = st.dates(date(2019, 12, 30), date(2020, 1, 10))
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
        rows.append((code, parent, level, draw(st.none() | st.sampled_from(CODES)), code, start, end, False))
    return pl.DataFrame(sorted(rows, key=lambda row: (row[0], row[5])), schema=EMPTY, orient="row")


@given(registers(), st.lists(DAYS, min_size=1))
def test_every_day_is_told_as_the_register_tells_it(rows, days):
    places = Places(rows)
    for day in days:
        register = Register(lambda: places.register.rows).on(day)
        for code in CODES:
            assert places.above(code, day) == [above for above in register.line_of(code)[1:] if above != "000000"]
            assert places._on(day).resolve(code) == register.resolve(code)
            assert (code in places._on(day)) == (code in register)
