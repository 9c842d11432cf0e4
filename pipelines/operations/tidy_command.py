"""`carestat tidy`: what a night does about the disk at its end, by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)
MEGABYTE = 2**20


@click.command()
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
@click.option("--dry-run", is_flag=True, help="只列出，不删除 · only tell what would be removed")
def tidy(var: Path | None, dry_run: bool) -> None:
    """清理不再有用的生成物，并说明各文件夹占用；从不动交付和公报。Remove what nothing refers to; never a delivery.

    Exit 0 done, 1 something could not be removed, or a run holds the warehouse.
    """
    from pipelines.operations import disk, housekeeping
    from pipelines.warehouse.lock import AnotherRun, Unwritable, hold, run_lock

    settings = Settings.from_environment(var=var)
    settings.export()
    try:
        lock = run_lock(settings.var)
        hold(lock, 0)
    except (AnotherRun, Unwritable, OSError) as refused:
        raise click.ClickException(str(refused)) from refused
    try:
        tidied = housekeeping.tidy(settings, dry_run=dry_run)
    finally:
        lock.release()
    for kind, (count, size) in tidied.removed.items():
        click.echo(f"{'会清理 · would remove' if dry_run else '已清理 · removed'}  {count:>6}  {_mb(size)}  {kind}")
    used = disk.usage(settings)
    for folder in used.folders:
        click.echo(f"{_mb(folder.bytes)}  {folder.share:>4.0%}  {folder.name}（{folder.path or 'var'}）")
    click.echo(
        f"{_mb(used.bytes)}  共 · in all；磁盘余 · free on disk {_mb(used.free).strip()}（{used.free_share:.0%}）"
    )
    for trouble in tidied.troubles:
        click.echo(trouble, err=True)
    sys.exit(1 if tidied.troubles else 0)


def _mb(size: int) -> str:
    return f"{size / MEGABYTE:>9.1f} MB"
