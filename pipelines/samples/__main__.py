"""`python -m pipelines.samples --out raw [SOURCE …]`: write the shipped deliveries, all or the named."""

from importlib import import_module
from itertools import chain
from pathlib import Path
from shutil import copyfile

import click

from pipelines.samples.deliver import write
from pipelines.samples.provinces.sources import DELIVERIES

SOURCES = (
    "regions",
    "population",
    "deaths",
    "agency_returns",
    "communities",
    "elderly_facilities",
    "childcare_facilities",
    "residential_projects",
    "assistance_roster",
    "care_contacts",
    "fund_ledger",
    "subsidy_ledger",
    "construction_projects",
    "task_ledger",
)
ORIGINS = Path(__file__).parent / "origins"


def build(source: str, out: Path) -> list[Path]:
    """Write every delivery of the source and, beside them, the card that says where they come from."""
    own = import_module(f"pipelines.samples.{source}").deliveries()
    files = [write(delivery, out) for delivery in chain(own, DELIVERIES[source]() if source in DELIVERIES else ())]
    return [*files, Path(copyfile(ORIGINS / f"{source}.yml", out / source / "origin.yml"))]


@click.command()
@click.option("--out", type=click.Path(path_type=Path), required=True, help="folder of the deliveries, e.g. raw")
@click.argument("sources", nargs=-1, type=click.Choice(SOURCES))
def main(out: Path, sources: tuple[str, ...]) -> None:
    """Write the shipped deliveries."""
    for source in sources or SOURCES:
        files = build(source, out)
        click.echo(f"{source}: {len(files)} files, {sum(file.stat().st_size for file in files):,} bytes")


if __name__ == "__main__":
    main()
