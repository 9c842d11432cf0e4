"""`carestat query`: questions on the released marts, from the command line, a file, a pipe or a prompt.

Whatever is asked, the SQL itself writes nothing and reads no file; only this process writes, to the path in `--out`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipelines.settings import Settings
from pipelines.warehouse.query_words import WrongQuestion, in_words, unreadable

if TYPE_CHECKING:
    import duckdb

#: rows of a table on the screen; csv, json and files have all
TABLE_ROWS = 1000
#: rows fetched at a time
BATCH = 2048
#: rows of one group in a Parquet file
GROUP = 100_000
ENDINGS = (".csv", ".parquet", ".xlsx", ".json")


@dataclass(frozen=True)
class Asking:
    """How answers are wanted: form, file, at most so many rows, and so many seconds a statement."""

    database: Path
    form: str
    out: Path | None
    limit: int | None
    timeout: float


@click.command()
@click.argument("sql", required=False)
@click.option(
    "-f", "--file", "script", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="语句文件 · SQL file"
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "csv", "json"]),
    help="默认 table；csv 中以 = + - @ 开头的文本前加 ' · csv: texts like formulas begin with '",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"写到文件 · write to a file: {' '.join(ENDINGS)}",
)
@click.option(
    "--limit", type=click.IntRange(min=1), help=f"至多几行；屏幕上的表默认 {TABLE_ROWS} · at most so many rows"
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), default=600, show_default=True, help="秒 · seconds"
)
@click.option("--release", "release_id", help="较早的发布编号 · an earlier release (see `carestat status`)")
@click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    help="生成物文件夹 · everything generated (CARESTAT_VAR, else var/)",
)
def query(
    sql: str | None,
    script: Path | None,
    form: str | None,
    out: Path | None,
    limit: int | None,
    timeout: float,
    release_id: str | None,
    var: Path | None,
) -> None:
    """在已发布的数据上查询，只读。Ask the released marts, read-only.

    SQL 写 - 从标准输入读；终端上不写 SQL 即逐条提问。- reads standard input; on a terminal, no SQL gives a prompt.

    Exit 0 answered, 1 refused or failed, 2 wrong usage.
    """
    settings = Settings.from_environment(var=var)
    if sql and script:
        raise click.UsageError("SQL 与 -f 只写其一 · SQL or -f, not both")
    if out is not None:
        _check_out(out, form, settings)
    asks = sql is None and script is None
    if asks and not sys.stdin.isatty():
        raise click.UsageError("没有语句；从标准输入读请写 - · no SQL; write - to read standard input")
    try:
        text = "" if asks else _text(sql, script)
        asking = Asking(_database(settings, release_id), form or "table", out, limit, timeout)
        if asks:
            _prompt(asking)
        else:
            ask(asking, text)
    except WrongQuestion as refused:
        click.echo(str(refused), err=True)
        sys.exit(1)


def ask(asking: Asking, sql: str) -> None:
    """Runs the statements of a text and gives their rows out. Raises WrongQuestion."""
    from pipelines.memory import QUESTION_MB, allowed_mb
    from pipelines.warehouse import query_limits, read

    with in_words(sql):
        memory = allowed_mb() or QUESTION_MB
    with in_words(sql), query_limits.memory_limit(memory):
        connection = read.connect(
            asking.database,
            memory_limit=f"{memory}MB",
            errors_as_json=True,
            enable_progress_bar=True,
            enable_progress_bar_print=False,
        )
        try:
            statements = read.questions(connection, sql)
            if len(statements) > 1 and (asking.out or asking.form != "table"):
                raise read.NotReadOnly("csv、json 和 --out 只能有一条语句 · csv, json and --out take one statement")
            shown = sys.stderr.isatty()
            for statement in statements:
                with query_limits.watched(connection, asking.timeout, shown):
                    _give(connection.execute(statement), asking)
        finally:
            connection.close()


def _give(cursor: duckdb.DuckDBPyConnection, asking: Asking) -> None:
    from pipelines.warehouse import result_forms

    names = [column[0] for column in cursor.description or []]
    if asking.out is not None:
        with _replaced(asking.out) as part:
            if asking.out.suffix.lower() == ".parquet":
                _write_parquet(cursor, part, asking.limit)
            else:
                result_forms.WRITERS[asking.out.suffix.lower()](part, names, islice(_rows(cursor), asking.limit))
    elif asking.form == "csv":
        _echo(result_forms.csv_lines(names, islice(_rows(cursor), asking.limit)))
    elif asking.form == "json":
        _echo(result_forms.json_parts(names, islice(_rows(cursor), asking.limit)))
    else:
        limit = asking.limit or TABLE_ROWS
        rows = list(islice(_rows(cursor), limit + 1))
        result_forms.print_table(names, rows[:limit], None if sys.stdout.isatty() else 10_000)
        if len(rows) > limit:
            click.echo(f"前 {limit} 行，还有更多：--limit、--format csv 或 --out · the first rows of more", err=True)
        else:
            click.echo(f"{len(rows)} 行 · rows", err=True)


def _rows(cursor: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := cursor.fetchmany(BATCH):
        yield from batch


def _echo(parts: Iterator[str]) -> None:
    for part in parts:
        sys.stdout.write(part)
    sys.stdout.flush()


def _write_parquet(cursor: duckdb.DuckDBPyConnection, path: Path, limit: int | None) -> None:
    import pyarrow.parquet as parquet

    reader = cursor.to_arrow_reader(min(GROUP, limit) if limit else GROUP)
    left = limit
    with parquet.ParquetWriter(path, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch if left is None else batch.slice(0, left))
            left = None if left is None else left - batch.num_rows
            if left is not None and left <= 0:
                break


@contextmanager
def _replaced(path: Path) -> Iterator[Path]:
    """A file of the asker's alone (true counts) that takes its name once it is whole, and goes if it fails."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    try:
        yield Path(name)
        os.replace(name, path)
    finally:
        Path(name).unlink(missing_ok=True)


def _check_out(out: Path, form: str | None, settings: Settings) -> None:
    if out.suffix.lower() not in ENDINGS:
        raise click.UsageError(f"文件名应以 {' '.join(ENDINGS)} 之一结尾 · the file's ending says its form: {out}")
    if form:
        raise click.UsageError("--out 的格式由文件名的结尾定，不写 --format · --out takes its form from the ending")
    folder = out.expanduser().resolve().parent
    if any(folder.is_relative_to(kept) for kept in (settings.var, settings.raw)):
        raise click.UsageError(f"不写入交付或发布的文件夹 · not into deliveries or what is generated: {folder}")
    if not folder.is_dir():
        raise click.UsageError(f"没有文件夹 · no such folder: {folder}")


def _text(sql: str | None, script: Path | None) -> str:
    try:
        if script is not None:
            return script.read_text(encoding="utf-8-sig")
        return sys.stdin.read() if sql == "-" else sql or ""
    except UnicodeDecodeError as refused:
        raise WrongQuestion("语句应为 UTF-8 编码 · the SQL is not UTF-8") from refused


def _database(settings: Settings, release_id: str | None) -> Path:
    from pipelines.warehouse import read

    try:
        return read.released_file(settings, release_id)
    except read.NoRelease as refused:
        raise WrongQuestion(str(refused)) from refused
    except PermissionError as refused:
        raise WrongQuestion(unreadable(settings.var)) from refused


def _prompt(asking: Asking) -> None:
    """Reads statements that end with a semicolon, answers each, until the end of input. Nothing typed is kept."""
    import readline  # gives input() editing and recall

    readline.set_auto_history(True)
    click.echo("只读；语句以 ; 结束，Ctrl-D 退出 · read-only; end a statement with ;, leave with Ctrl-D", err=True)
    typed = ""
    while True:
        try:
            typed += input("carestat> " if not typed else "     ...> ") + "\n"
        except EOFError:
            click.echo(err=True)
            return
        except KeyboardInterrupt:
            click.echo(err=True)
            typed = ""
            continue
        if not typed.strip():
            typed = ""
        elif typed.rstrip().endswith(";"):
            try:
                ask(asking, typed)
            except WrongQuestion as refused:
                click.echo(str(refused), err=True)
            typed = ""
