"""`carestat service`: the nightly run as a service."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
@click.option("--host", default="127.0.0.1", show_default=True, help="网页监听地址，无登录，勿直接对外 · has no login")
@click.option("--port", default=3000, show_default=True, type=click.IntRange(1, 65535), help="网页端口 · port")
def service(raw: Path | None, var: Path | None, host: str, port: int) -> None:
    """夜间自动运行：定时、感知新交付，并提供网页界面。Run every night and on new deliveries, with a web interface.

    Exit 0 told to stop, 1 one of its processes ended, 2 wrong usage.
    """
    from pipelines.operations.service import CannotStart, is_loopback, serve

    settings = Settings.from_environment(raw, var)
    if not settings.raw.is_dir():
        raise click.UsageError(f"没有交付文件夹 · no such folder of deliveries: {settings.raw}")
    settings.export()
    if not is_loopback(host):
        click.echo(f"注意：{host} 可从别处访问，界面没有登录 · reachable from elsewhere, and without a login", err=True)
    try:
        sys.exit(serve(settings, host, port))
    except CannotStart as refused:
        raise click.ClickException(str(refused)) from refused
