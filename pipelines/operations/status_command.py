"""The command `carestat status`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json", "html"]), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="上一夜不正常或没有完好的发布时退出码为 1 · exit 1 unless all went well")
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def status(form: str, strict: bool, raw: Path | None, var: Path | None) -> None:
    """在用的发布、最近一次运行、应报未报和待办。What is in service, how the last night went, what is owed.

    Exit 0 told, 1 with --strict when something is wrong, 2 wrong usage.
    """
    from pipelines.operations.report.page import page
    from pipelines.operations.status import as_json, status_lines, status_of

    settings = Settings.from_environment(raw, var)
    told = status_of(settings, datetime.now(UTC))
    if form == "json":
        click.echo(as_json(told))
    elif form == "html" and told.report:
        click.echo(page(told.report))
    else:
        for line in status_lines(settings, told):
            click.echo(line)
    sys.exit(1 if strict and not told.is_well else 0)
