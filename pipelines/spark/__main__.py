"""`python -m pipelines.spark`: the models on Apache Spark, and their comparison with DuckDB's tables (docs/cluster.md).

Needs the extra `spark` (requirements-spark.lock) and Java 17 or later. Exit codes: 0 done, equal; 1 failed, unlike;
2 wrong usage.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from pipelines.landing.hash_key import KeyUnreadable
from pipelines.settings import Settings
from pipelines.spark.equality import compare, keys_of, shown
from pipelines.spark.models import SparkFolder, build
from pipelines.spark.session import missing
from pipelines.warehouse.lock import AnotherRun, Unwritable

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """同一套模型在 Apache Spark 上运行 · the same models on Apache Spark."""


@main.command(name="build")
@click.option("--raw", type=FOLDER, help="交付文件夹 · deliveries (CARESTAT_RAW, else raw/)")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
@click.option("--cores", default=2, show_default=True, help="并行 · tasks at a time")
@click.option("--memory", default="4g", show_default=True, help="内存 · memory of the Java process")
@click.option("--formulas", is_flag=True, help="也运行公式的单元测试 · dbt's unit tests, too")
@click.argument("select", nargs=-1)
def build_command(
    raw: Path | None, var: Path | None, cores: int, memory: str, formulas: bool, select: tuple[str, ...]
) -> None:
    """接收交付，在 Spark 上计算并检验；SELECT 为 dbt 的选择语法。Land, build, test; tables in var/spark/warehouse."""
    if lacking := missing():
        raise click.ClickException(
            f"缺少 {'、'.join(lacking)}，见 requirements-spark.lock · not found here: {', '.join(lacking)}"
        )
    settings = Settings.from_environment(raw, var)
    settings.export()
    try:
        passed = build(settings, cores, memory, formulas, select)
    except (AnotherRun, Unwritable, KeyUnreadable) as refused:
        raise click.ClickException(str(refused)) from refused
    sys.exit(0 if passed else 1)


@main.command(name="compare")
@click.option("--var", type=FOLDER, help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)")
@click.option(
    "--with", "other", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="对照的 DuckDB 文件，默认在用发布 · a DuckDB file, else the release in service",
)  # fmt: skip
def compare_command(var: Path | None, other: Path | None) -> None:
    """逐表逐格对照 Spark 与 DuckDB 的结果。Every released table beside Spark's: rows, columns, cells unlike."""
    settings = Settings.from_environment(var=var)
    made = SparkFolder(settings.var / "spark")
    if not made.manifest.exists():
        raise click.UsageError("先运行 build · nothing built on Spark yet")
    found = compare(other or settings.released, made.tables, keys_of(made.manifest))
    click.echo(shown(found))
    sys.exit(0 if found and all(one.holds for one in found) else 1)


if __name__ == "__main__":
    main()
