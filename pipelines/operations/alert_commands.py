"""`carestat alerts test` and `carestat watch`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def alerts() -> None:
    """告警：webhook 和邮件。Alerts by webhook and e-mail."""


@alerts.command()
@click.option("--channel", help="只试这一个通道 · only this channel")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def test(channel: str | None, var: Path | None) -> None:
    """向每个通道发一条测试消息，逐个说明结果。Send a test message through every channel.

    Exit 0 all sent, 1 some not, 2 not or wrongly configured.
    """
    from pipelines.operations.alerts.configuration import VARIABLE, configured
    from pipelines.operations.alerts.secret_values import Misconfigured
    from pipelines.operations.alerts.trial import try_channels

    try:
        config = configured(Settings.from_environment(var=var))
    except Misconfigured as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if config is None:
        raise click.UsageError(f"未设 {VARIABLE}，见 deploy/alerts.example.toml · {VARIABLE} is not set")
    chosen = [one for one in config.channels if channel in (None, one.name)]
    if not chosen:
        raise click.UsageError(f"没有通道 {channel or ''} · no such channel")
    all_sent = True
    for name, answer in try_channels(chosen, config.name):
        all_sent &= answer.sent
        click.echo(f"{name}\t{'已送出 · sent' if answer.sent else '失败 · failed'}\t{answer.says}")
    sys.exit(0 if all_sent else 1)


@click.command()
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
def watch(raw: Path | None, var: Path | None) -> None:
    """看一遍有无逾期交付、数据陈旧、磁盘将满，有变化即告警；宜每小时一次。Look once, and tell what is news.

    Exit 0 looked (and told, if there was news), 1 something could not be sent, 2 wrongly configured.
    """
    from datetime import UTC, datetime

    from pipelines.operations.alerts import watch as look
    from pipelines.operations.alerts.secret_values import Misconfigured

    try:
        told = look(Settings.from_environment(raw, var), datetime.now(UTC))
    except Misconfigured as wrong:
        raise click.UsageError(str(wrong)) from wrong
    if not told.is_configured:
        click.echo("未配置告警，只看不发 · no alerts configured, nobody is told", err=True)
    for line in told.amiss or ("一切正常 · all is well",):
        click.echo(line)
    for name, headline, _ in told.sent:
        click.echo(f"已发 · sent  {name}：{headline}")
    sys.exit(1 if told.unsent else 0)
