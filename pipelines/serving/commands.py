"""`carestat serve …`: the released marts for many users at once."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from pipelines.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
var_option = click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")


@click.group(invoke_without_command=True)
@click.option("--statement-seconds", type=click.IntRange(1), default=60, show_default=True, help="每条语句的时限")
@click.option("--transaction-seconds", type=click.IntRange(1), default=300, show_default=True, help="每个事务的时限")
@var_option
@click.pass_context
def serve(context: click.Context, statement_seconds: int, transaction_seconds: int, var: Path | None) -> None:
    """在 PostgreSQL 上供多人同时查询：装载在用的发布，随后跟进每次发布，结束超时的语句。

    Load the release in service, follow every new one, and keep the limits, until stopped. The administrator's
    connection string comes from CARESTAT_SERVER_DSN (itself or a file of mode 600), else var/server/admin.dsn.
    """
    context.obj = Settings.from_environment(var=var)
    if context.invoked_subcommand is not None:
        return
    from pipelines.serving.accounts import Limits
    from pipelines.serving.cluster import Cluster, NoCluster
    from pipelines.serving.follow import follow
    from pipelines.serving.server import NoServer, dsn, folder

    own = Cluster(folder(context.obj))
    starts = own.data.exists() and not own.is_running
    try:
        dsn(context.obj)
        if starts:
            own.start()
        follow(context.obj, Limits(statement_seconds, transaction_seconds))
    except (NoServer, NoCluster) as refused:
        _fail(refused)
    finally:
        if starts and own.is_running:
            own.stop()


@serve.command()
@click.pass_obj
def load(settings: Settings) -> None:
    """装载在用的发布，一步替换。Load the release in service; exit 1: not loaded, the former stays."""
    from pipelines.serving.follow import REFUSALS, load_once, told

    try:
        click.echo(told(load_once(settings)), err=True)
    except REFUSALS as refused:
        _fail(refused)


@serve.command()
@click.option("--listen", default="127.0.0.1", show_default=True, help="监听地址 · address to listen on")
@click.option("--network", default="127.0.0.1/32", show_default=True, help="可从哪里登录 · where accounts come from")
@click.option("--port", type=click.IntRange(1024, 65535), default=5432, show_default=True)
@click.option("--user", help="运行 PostgreSQL 的系统用户 · who runs it (root: postgres; else yourself)")
@click.option("--certificate", type=FILE, help="TLS 证书，不给则自签 · else self-signed")
@click.option("--key", type=FILE, help="证书的私钥 · its private key")
@click.option(
    "--process-megabytes", type=click.IntRange(512), default=2048, show_default=True, help="每个进程的内存上限"
)
@click.pass_obj
def init(
    settings: Settings,
    listen: str,
    network: str,
    port: int,
    user: str | None,
    certificate: Path | None,
    key: Path | None,
    process_megabytes: int,
) -> None:
    """在 var/server 建立专用的 PostgreSQL，启用 TLS，由 carestat serve 启动。A PostgreSQL of its own, with TLS."""
    from pipelines.serving.cluster import Cluster, NoCluster
    from pipelines.serving.server import folder

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate 与 --key 须一并给出 · give both")
    cluster = Cluster(folder(settings), port, listen, network, process_megabytes=process_megabytes)
    try:
        cluster.init(user, certificate, key)
    except (NoCluster, OSError) as refused:
        _fail(refused)
    click.echo(f"已建立 {cluster.folder}，运行 carestat serve 即启动 · made; `carestat serve` starts it", err=True)


@serve.group()
def account() -> None:
    """账号 · accounts."""


@account.command()
@click.argument("name")
@click.option("--region", help="区划代码：本地区及以下不隐去 · own region's counts unsuppressed")
@click.option("--cleared", is_flag=True, help="全部不隐去，限经批准的人员 · everything unsuppressed")
@click.option("--valid-until", type=click.DateTime(["%Y-%m-%d"]), help="最后一天 · last day")
@click.option("--password-file", type=click.File("r"), help="密码文件，- 为标准输入；不给则生成 · else generated")
@click.pass_obj
def add(
    settings: Settings,
    name: str,
    region: str | None,
    cleared: bool,
    valid_until: datetime | None,
    password_file: click.File | None,
) -> None:
    """新增账号，或更改权限和密码。Add an account, or give it other rights and another password."""
    from pipelines.serving import accounts
    from pipelines.serving.follow import REFUSALS
    from pipelines.serving.server import connect

    password = password_file.read().strip("\r\n") if password_file else accounts.generated()
    try:
        with connect(settings) as connection:
            accounts.add(connection, name, password, region, cleared, valid_until.date() if valid_until else None)
    except (accounts.BadAccount, *REFUSALS) as refused:
        _fail(refused)
    if password_file is None:
        click.echo(password)


@account.command()
@click.argument("name")
@click.pass_obj
def remove(settings: Settings, name: str) -> None:
    """结束账号的连接并删除账号。End its connections and remove the account."""
    from pipelines.serving import accounts
    from pipelines.serving.follow import REFUSALS
    from pipelines.serving.server import connect

    try:
        with connect(settings) as connection:
            accounts.remove(connection, name)
    except (accounts.BadAccount, *REFUSALS) as refused:
        _fail(refused)


@account.command("list")
@click.pass_obj
def list_accounts(settings: Settings) -> None:
    """全部账号：名称、看得见什么、有效期、现有连接。All accounts."""
    from pipelines.serving import accounts
    from pipelines.serving.follow import REFUSALS
    from pipelines.serving.server import connect

    try:
        with connect(settings) as connection:
            found = accounts.listed(connection)
    except REFUSALS as refused:
        _fail(refused)
    for one in found:
        sees = "全部 · cleared" if one.is_cleared else one.region_code or "隐去小计数 · reader"
        click.echo(f"{one.name}\t{sees}\t{one.valid_until or '长期 · no end'}\t{one.connected}")


def _fail(refused: Exception) -> None:
    click.echo(str(refused), err=True)
    sys.exit(1)
