"""The `carestat` command. Exit codes: 0 done, 1 a run or query failed (what was released stays), 2 wrong usage."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from pipelines.landing.threads import fit_threads
from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="carestat")
def main() -> None:
    """carestat：“一老一小”指标仓库 · the indicator warehouse of elderly care and childcare."""


@main.command()
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def nightly(raw: Path | None, var: Path | None) -> None:
    """接收新交付，计算、检查并发布。Land what is new, compute, check and release."""
    settings = Settings.from_environment(raw, var)
    if not settings.raw.is_dir():
        raise click.UsageError(f"没有交付文件夹 · no such folder of deliveries: {settings.raw}")
    settings.export()
    fit_threads(settings.raw)
    from pipelines.warehouse.nightly import run_nightly

    sys.exit(run_nightly(settings))


@main.command()
@click.argument("sql")
@click.option("--format", "form", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--release", "release_id", help="较早的发布编号 · an earlier release (see `carestat status`)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def query(sql: str, form: str, release_id: str | None, var: Path | None) -> None:
    """在已发布的数据上执行一条只读 SQL。Run one read-only SQL statement on the released marts."""
    import duckdb

    from pipelines.warehouse import read

    settings = Settings.from_environment(var=var)
    try:
        names, rows = read.query(read.released_file(settings, release_id), sql)
    except (read.NoRelease, read.NotReadOnly, duckdb.Error) as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)
    if form == "csv":
        click.echo(read.as_csv(names, rows), nl=False)
    elif form == "json":
        click.echo(read.as_json(names, rows), nl=False)
    else:
        _print_table(names, rows)


@main.command()
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def status(raw: Path | None, var: Path | None) -> None:
    """在用的发布、最近一次运行和待办。The release in service, the last run, and what waits."""
    from pipelines.warehouse.status import status_lines

    for line in status_lines(Settings.from_environment(raw, var)):
        click.echo(line)


def _print_table(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    """A table as wide as it needs on a pipe, fitted to the window on a terminal; NULL is shown as an empty cell."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in names:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row))
    console = Console(width=None if sys.stdout.isatty() else 10_000, highlight=False, markup=False)
    console.print(table)
    click.echo(f"{len(rows)} 行 · rows", err=True)


if __name__ == "__main__":
    main()
