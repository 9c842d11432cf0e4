"""The `carestat` command. Exit codes: 0 done, 1 a run or query failed (what was released stays), 2 wrong usage."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click

from pipelines.contracts import SOURCES
from pipelines.landing.hash_key import KeyUnreadable
from pipelines.landing.store import each_file_read_once
from pipelines.landing.threads import LARGE_BYTES, fit_threads
from pipelines.memory import run_mb
from pipelines.operations.alert_commands import alerts, watch
from pipelines.operations.backup_commands import backup, restore
from pipelines.operations.service_command import service
from pipelines.operations.status_command import status
from pipelines.operations.tidy_command import tidy
from pipelines.serving.commands import serve
from pipelines.settings import Settings
from pipelines.warehouse.query_command import query
from pipelines.warehouse.soundness import damaged

FOLDER = click.Path(file_okay=False, path_type=Path)


class Commands(click.Group):
    """A missing or unsafe key stops any command that needs one with one line and exit 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyUnreadable as refused:
            raise click.ClickException(str(refused)) from refused


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="carestat")
def main() -> None:
    """carestat：“一老一小”指标仓库 · the indicator warehouse of elderly care and childcare."""


@main.command()
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
@click.option(
    "--full", is_flag=True, help="不用前几夜留下的结果，全部重算 · compute everything anew, with the same result"
)
def nightly(raw: Path | None, var: Path | None, full: bool) -> None:
    """接收新交付，计算、检查并发布；只重算有变化的。Land what is new, compute what it changes, check, release."""
    settings = Settings.from_environment(raw, var)
    if not settings.raw.is_dir():
        raise click.UsageError(f"没有交付文件夹 · no such folder of deliveries: {settings.raw}")
    try:
        run_mb()
    except ValueError as wrong:
        raise click.UsageError(str(wrong)) from wrong
    settings.export()
    fit_threads(settings.raw)
    with each_file_read_once(), ThreadPoolExecutor(1) as beside:
        # the release is read while the run is imported
        looking = beside.submit(damaged, settings.warehouse / "current")
        from pipelines.warehouse.nightly import run_nightly

        sys.exit(run_nightly(settings, full, looking))


@main.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", required=True, type=click.Choice(SOURCES), help="来源 · source")
@click.option("--period", required=True, help="时期 · period: 2024, 2024-03 or 2024-12-31")
@click.option("--supplier", default="", help="报送单位代码，文件名未写时用 · region code, if the file name says none")
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option(
    "--answer",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="拒收行另存为 · write the answer workbook",
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def check(
    file: Path, source: str, period: str, supplier: str, raw: Path | None, answer: Path | None, form: str
) -> None:
    """报送前自查：逐行说明会拒收什么，不写入任何数据。What a file would be told, without loading it.

    Exit 0 clean, 1 something would be refused, 2 wrong usage.
    """
    settings = Settings.from_environment(raw)
    if file.stat().st_size <= LARGE_BYTES:
        fit_threads(settings.raw)
    from pipelines.landing import checked_text, checking

    try:
        checked = checking.check(file, source, period, settings.raw, supplier)
    except checking.WrongUsage as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if form == "json":
        click.echo(checked_text.as_json(checked, file.name))
    else:
        for line in checked_text.as_text(checked, file.name):
            click.echo(line)
    if answer is not None and checked.answer is None:
        click.echo("没有拒收，不写回执 · nothing refused, no answer written", err=True)
    elif answer is not None:
        answer.write_bytes(checked.answer)
    sys.exit(0 if checked.clean else 1)


@main.command()
@click.argument("indicator")
@click.argument("region")
@click.argument("period")
@click.option("--variant", default="default", show_default=True, help="口径 · which definition")
@click.option("--all", "all_rows", is_flag=True, help="列出全部行号，否则每组前 20 个 · every row number")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--release", "release_id", help="较早的发布编号 · an earlier release (see `carestat status`)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def trace(
    indicator: str,
    region: str,
    period: str,
    variant: str,
    all_rows: bool,
    form: str,
    release_id: str | None,
    var: Path | None,
) -> None:
    """一个数从哪些行得来：INDICATOR 指标代码或名称，REGION 区划代码或名称。The rows behind a figure.

    Exit 0 traced, 1 no such figure or release, 2 wrong usage.
    """
    from pipelines.publication.evidence.command import run_trace

    settings = Settings.from_environment(var=var)
    sys.exit(run_trace(settings, (indicator, region, period, variant), all_rows, form, release_id))


@main.command()
@click.argument("year")
@click.option("--reason", default="", help="更正的理由：另出一版时必填 · why another edition is made")
@click.option("--force", "forced_because", default="", help="仍要公布的理由，印在封面 · why in spite of objections")
@click.option("--release", "release_id", help="较早的发布编号 · an earlier release (see `carestat status`)")
@click.option("--verify", is_flag=True, help="只核对已有的公报，YEAR 或 YEAR-版次 · only check a kept edition")
@click.option("--to", type=FOLDER, help="公报文件夹 · where editions are kept (else publication/ in var)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def publish(
    year: str, reason: str, forced_because: str, release_id: str | None, verify: bool, to: Path | None, var: Path | None
) -> None:
    """由已发布的数据制成 YEAR 年公报，制成后不再改动。Freeze a year; a correction is another edition.

    Exit 0 published, 1 refused or failed (what is kept stays), 2 wrong usage.
    """
    from pipelines.publication import publishing
    from pipelines.publication.edition import Request
    from pipelines.publication.shelf import Shelf, is_name, is_year

    settings = Settings.from_environment(var=var)
    shelf = Shelf(to.expanduser().resolve() if to else settings.publication)
    if not (is_name(year) if verify else is_year(year)):
        raise click.UsageError(f"年度应为四位数字，如 2025 · not a year: {year}")
    if verify:
        sys.exit(publishing.run_verify(shelf, year))
    sys.exit(publishing.run_publish(settings, Request(year, reason, forced_because, release_id), shelf))


@main.command()
@click.argument("old")
@click.argument("new")
@click.option("--format", "form", type=click.Choice(["text", "html", "csv"]), default="text", show_default=True)
@click.option("--to", type=FOLDER, help="公报文件夹 · where editions are kept (else publication/ in var)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def diff(old: str, new: str, form: str, to: Path | None, var: Path | None) -> None:
    """两版公报有何不同：2024 2025，或 2025-1 2025-2。What changed between two editions.

    Exit 0 compared, 1 no such edition, 2 wrong usage.
    """
    from pipelines.publication import publishing
    from pipelines.publication.shelf import Shelf, is_name

    settings = Settings.from_environment(var=var)
    for name in (old, new):
        if not is_name(name):
            raise click.UsageError(f"应为年度或年度-版次，如 2025 或 2025-1 · not an edition: {name}")
    shelf = Shelf(to.expanduser().resolve() if to else settings.publication)
    sys.exit(publishing.run_diff(shelf, (old, new), form))


for command in (query, status, service, alerts, watch, tidy, backup, restore, serve):
    main.add_command(command)


if __name__ == "__main__":
    main()
