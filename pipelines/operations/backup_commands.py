"""The commands `carestat backup` and `carestat restore`.

Exit codes: 0 done, 1 not done or something to look at, 2 wrong usage.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.argument("folder", metavar="DIR", type=FOLDER)
@click.option("--keep", type=click.IntRange(min=1), help="只留最近 N 份 · then remove all but the newest N")
@click.option("--afresh", is_flag=True, help="全部重新复制，不与上一份共用 · share nothing with the backup before")
@click.option("--verify", is_flag=True, help="不做备份，只重读并核对 · only check DIR's latest backup, or DIR/<time>")
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def backup(folder: Path, keep: int | None, afresh: bool, verify: bool, raw: Path | None, var: Path | None) -> None:
    """备份到 DIR/<时间>/：交付、发布、公报和历史，可用 sha256sum -c 核对。Back up into a dated folder below DIR.

    Exit 0 done, 1 failed (earlier backups are as they were) or something has to be looked at, 2 wrong usage.
    """
    from pipelines.operations.backup import told

    if verify and (keep or afresh):
        raise click.UsageError("--verify 不与 --keep、--afresh 同用 · --verify makes no backup")
    folder = folder.expanduser().resolve()
    if verify:
        sys.exit(told.run_verify(folder))
    settings = Settings.from_environment(raw, var)
    sys.exit(told.run_backup(settings, folder, datetime.now(UTC), keep, afresh))


@click.command()
@click.argument("named", metavar="DIR[/TIME]", type=FOLDER)
@click.option("--to", type=FOLDER, help="恢复为 TO/raw 和 TO/var · restore into TO/raw and TO/var")
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
@click.option(
    "--only",
    type=click.Choice(["deliveries", "generated", "releases", "editions"]),
    help="只恢复其中一类：raw/、var/、var/warehouse/、var/publication/ · one part of it",
)
def restore(named: Path, to: Path | None, raw: Path | None, var: Path | None, only: str | None) -> None:
    """从 DIR 中最近一份（或 DIR/<时间> 那一份）恢复到空文件夹。Restore into empty folders; nothing is overwritten.

    Exit 0 restored, 1 refused or damaged (nothing put in place), or the person key does not match, 2 wrong usage.
    """
    from pipelines.operations.backup import told

    if to and (raw or var):
        raise click.UsageError("--to 不与 --raw、--var 同用 · either --to, or --raw and --var")
    settings = Settings.from_environment(raw, var)
    sys.exit(told.run_restore(settings, named.expanduser().resolve(), to and to.expanduser().resolve(), only))
