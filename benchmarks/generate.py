"""`python -m benchmarks.generate FOLDER`: a complete, invented raw/ of any size, which the contracts accept.

The registers go down to the towns; every file is a province's, rows in no order; the same size gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import click
import polars as pl

from benchmarks.invented.communities import communities
from benchmarks.invented.facilities import Homes, Nurseries
from benchmarks.invented.governments import funds, tasks
from benchmarks.invented.payments import Ledger
from benchmarks.invented.people import deaths, population
from benchmarks.invented.persons import Persons, assisted, contacts
from benchmarks.invented.projects import construction, residential
from benchmarks.invented.returns import returns
from benchmarks.invented.size import Size
from benchmarks.invented.territory import Territory
from benchmarks.invented.writing import deliver, say_origin
from pipelines.contracts import SOURCES


def deliveries(size: Size) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """(source, period, rows) of everything, one period of a source at a time."""
    territory = Territory(size)
    homes, nurseries = Homes(territory), Nurseries(territory)
    yield "regions", f"{size.last_year - size.years}-12-31", territory.register()
    on_roll, on_list = Persons(territory, size.assisted, 99), Persons(territory, size.visited, 98)
    for period in size.periods:
        year = int(period)
        yield "population", period, population(territory, year)
        yield "deaths", period, deaths(territory, year)
        yield "communities", period, communities(territory, year)
        yield "residential_projects", period, residential(territory, year)
        yield "construction_projects", period, construction(territory, year)
        yield "agency_returns", period, returns(territory, year)
        yield "fund_ledger", period, funds(territory, year)
        yield "task_ledger", f"{period}-12-31", tasks(territory, year)
        yield "assistance_roster", f"{period}-12", assisted(on_roll, homes, f"{period}-12")
        for month in range(1, 13):
            yield "care_contacts", f"{period}-{month:02}", contacts(on_list, f"{period}-{month:02}")
    for period in size.register_months:
        yield "elderly_facilities", period, homes.register(period)
        yield "childcare_facilities", period, nurseries.register(period)
    if size.ledger_months:
        ledger = Ledger(territory, homes, nurseries)
        for period in size.paid_months:
            yield from (("subsidy_ledger", period, rows) for rows in ledger.month(period))


def generate(raw: Path, size: Size, form: str = "parquet") -> dict[str, int]:
    """Write everything below `raw`; rows by source."""
    written = dict.fromkeys(SOURCES, 0)
    for source, period, rows in deliveries(size):
        written[source] += deliver(raw, source, period, rows, form)
    for source in SOURCES:
        say_origin(raw, source)
    return written


def _command() -> click.Command:
    @click.command(help=__doc__)
    @click.argument("folder", type=click.Path(path_type=Path))
    @click.option("--format", "form", type=click.Choice(["csv", "parquet"]), default="parquet", show_default=True)
    def main(folder: Path, form: str, **asked: int) -> None:
        for source, rows in generate(folder, Size(**asked), form).items():
            click.echo(f"{source}: {rows:,} rows")

    for field in fields(Size):
        option = click.option(f"--{field.name.replace('_', '-')}", type=int, default=field.default, show_default=True)
        main = option(main)
    return main


if __name__ == "__main__":
    _command()()
