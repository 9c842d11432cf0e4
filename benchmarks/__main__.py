"""`python -m benchmarks`: runs the measurements, keeps their results, and writes RESULTS.md from all that are kept."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from benchmarks.machine import in_words, machine
from benchmarks.measurements import MEASUREMENTS

HERE = Path(__file__).parent
SIZES = ("smoke", "district", "province")
NONE = "none"
#: what takes long to make: in a FOLDER it stays
LASTING = ("countries", "history", "nights")


def run(name: str, size: str, rounds: int, folder: Path) -> dict[str, Any]:
    """Measure; the results with the machine as it was when they began."""
    told = {"size": size, "rounds": rounds, "machine": machine()}
    own = folder / name
    own.mkdir(exist_ok=True)
    return told | {"results": import_module(MEASUREMENTS[name]).measure(size, rounds, own)}


def page(results: Path) -> str:
    """RESULTS.md from the results that are kept, in the order of the measurements."""
    parts = [
        "# What was measured",
        "",
        "`make bench`; each part can be run for itself, and says where and when it ran.",
    ]
    for name, module in MEASUREMENTS.items():
        path = results / f"{name}.json"
        if not path.exists():
            continue
        told, measurement = json.loads(path.read_text(encoding="utf-8")), import_module(module)
        rounds = "1 round" if told["rounds"] == 1 else f"medians of {told['rounds']} rounds"
        ran = f"`python -m benchmarks --only {name} --size {told['size']}`, {rounds}; {in_words(told['machine'])}."
        parts += ["", f"## {measurement.TITLE}", "", ran, "", measurement.table(told["results"]).strip()]
    return "\n".join(parts) + "\n"


def chosen(_: click.Context, __: click.Parameter, text: str | None) -> list[str]:
    names = list(MEASUREMENTS) if text is None else [] if text == NONE else text.split(",")
    if unknown := [name for name in names if name not in MEASUREMENTS]:
        raise click.BadParameter(f"{', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}, or {NONE}")
    return names


@click.command(help=__doc__)
@click.option("--only", callback=chosen, help=f"Names, separated by commas; '{NONE}' writes the page anew.")
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
@click.option("--size", type=click.Choice(SIZES), default="province", show_default=True)
@click.option(
    "--folder", type=click.Path(path_type=Path), help="Where to work; what is made there stays for next time."
)
def main(only: list[str], rounds: int, size: str, folder: Path | None) -> None:
    results = HERE / "results"
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="carestat-bench-", dir=folder) as temporary:
        work = Path(temporary)
        if folder:
            for lasting in LASTING:
                (work / lasting).symlink_to(kept := folder.resolve() / lasting)
                kept.mkdir(exist_ok=True)
        for name in only:
            click.echo(f"{name}: {size}, {rounds} rounds", err=True)
            told = run(name, size, rounds, work)
            if size == "smoke":
                click.echo(import_module(MEASUREMENTS[name]).table(told["results"]))
                continue
            results.mkdir(exist_ok=True)
            (results / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    if size != "smoke":
        (HERE / "RESULTS.md").write_text(page(results), encoding="utf-8")


if __name__ == "__main__":
    main()
