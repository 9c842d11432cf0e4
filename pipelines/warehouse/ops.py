"""The ops tables: what was delivered, refused, found, checked and released (design §5)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import duckdb

from pipelines.database import opened
from pipelines.warehouse.build import Build

#: table → (comment, column → (type, comment)); the order is the order of the columns
TABLES: dict[str, tuple[str, dict[str, tuple[str, str]]]] = {
    "delivery": (
        "交付清单：每个文件一行",
        {
            "source": ("varchar", "来源代码"),
            "period": ("varchar", "所属期"),
            "supplier": ("varchar", "报送单位区划代码"),
            "revision": ("integer", "修订号，无 _rN 为 1"),
            "path": ("varchar", "自 raw/ 起的路径"),
            "sha256": ("varchar", "文件内容的 SHA-256"),
            "received_at": ("timestamp", "收到时间（UTC，文件时间）"),
            "state": ("varchar", "landed 全部接收、partly 部分拒收、superseded 被替代、rejected 未接收"),
            "reason": ("varchar", "整份拒收的原因代码"),
        },
    ),
    "origin": (
        "来历：每个来源一行，照 raw/<来源>/origin.yml 所述；真实与合成分列",
        {
            "source": ("varchar", "来源代码"),
            "title": ("varchar", "来源名称"),
            "department": ("varchar", "报送部门"),
            "origin": ("varchar", "real 真实、synthetic 合成、mixed 兼有、not_stated 未注明"),
            "real": ("varchar", "真实的部分"),
            "synthetic": ("varchar", "合成的部分"),
            "cite": ("varchar", "出处"),
            "licence": ("varchar", "许可"),
        },
    ),
    "reconciliation": (
        "行数对账：交付 = 接收 + 拒收 + 被替代 + 忽略",
        {
            "path": ("varchar", "自 raw/ 起的路径"),
            "delivered": ("bigint", "交付行数"),
            "landed": ("bigint", "接收行数"),
            "quarantined": ("bigint", "拒收行数"),
            "superseded": ("bigint", "被替代行数"),
            "ignored": ("bigint", "忽略行数（空行、合计、附注、重复表头）"),
        },
    ),
    "quarantine": (
        "拒收清单：每个拒收行一行；证件号和敏感信息不留原文",
        {
            "path": ("varchar", "自 raw/ 起的路径"),
            "source": ("varchar", "来源代码"),
            "sheet": ("varchar", "工作表"),
            "row_number": ("bigint", "文件中的行号，自 1 起"),
            "reason": ("varchar", "第一个原因代码"),
            "all_reasons": ("varchar", "全部原因代码，以 | 分隔"),
            "column": ("varchar", "第一个原因所在列"),
            "raw_value": ("varchar", "该单元格原文；证件号和敏感列为空"),
        },
    ),
    "finding": (
        "发现：已接收但需说明的情况",
        {
            "path": ("varchar", "自 raw/ 起的路径；由计算得出的为空"),
            "source": ("varchar", "来源代码；由计算得出的为空"),
            "period": ("varchar", "所属期"),
            "finding": ("varchar", "发现代码"),
            "row_number": ("bigint", "文件中的行号"),
            "column": ("varchar", "列"),
            "indicator_key": ("varchar", "指标代码"),
            "region_code": ("varchar", "区划代码"),
            "detail": ("varchar", "说明"),
        },
    ),
    "correction": (
        "已应用的更正：每个更正的单元格一行（expectations/<来源>.corrections.yml）；原文件不动",
        {
            "path": ("varchar", "自 raw/ 起的路径"),
            "row_number": ("bigint", "行号"),
            "column": ("varchar", "列"),
            "old": ("varchar", "报送的原文；空白和敏感列为空"),
            "new": ("varchar", "更正为；空白和敏感列为空"),
            "reason": ("varchar", "理由"),
            "approved_by": ("varchar", "批准人"),
        },
    ),
    "check_result": (
        "检查结果：每项期望一行",
        {
            "suite": ("varchar", "检查套件"),
            "mart": ("varchar", "受检表"),
            "check": ("varchar", "检查项"),
            "expectation": ("varchar", "期望类型"),
            "column": ("varchar", "列"),
            "severity": ("varchar", "critical 阻止发布，warning 仅报告"),
            "success": ("boolean", "是否通过"),
            "waived": ("boolean", "不符行是否全有豁免"),
            "unexpected_count": ("bigint", "无豁免的不符行数"),
            "observed": ("varchar", "所见"),
            "detail": ("varchar", "不符的行，至多 20 行"),
            "error": ("varchar", "执行错误；有错误视为未通过"),
            "reason_zh": ("varchar", "此项检查的理由"),
        },
    ),
    "release": (
        "发布记录",
        {
            "release_id": ("varchar", "发布编号"),
            "released_at": ("timestamp", "发布时间（UTC）"),
            "fingerprint": ("varchar", "输入与代码的 SHA-256"),
            "code_version": ("varchar", "代码的 SHA-256"),
            "deliveries": ("bigint", "所用交付文件数"),
        },
    ),
    "revision": (
        "修订：本次发布与上次不同的指标值",
        {
            "indicator_key": ("varchar", "指标代码"),
            "variant": ("varchar", "口径"),
            "region_code": ("varchar", "区划代码"),
            "period": ("varchar", "年度"),
            "old": ("double", "上次发布值"),
            "new": ("double", "本次值"),
            "delivery": (
                "varchar",
                "引起变动的交付文件，自 raw/ 起的路径；有几个时以“；”相隔，报送单位离本地区近的在前；"
                "由更正引起的写更正文件；为空：并非某个交付引起（口径、代码，或他源开启的新年度）",
            ),
            "releases": ("varchar", "上次与本次发布编号"),
        },
    ),
}

#: one row per refused row: there may be as many as rows were delivered
LARGE = ("quarantine",)


def create_ops(connection: duckdb.DuckDBPyConnection, schema: str, build: Build) -> None:
    """Make the ops tables with comments in `schema`, filled from what the run recorded in its build folder."""
    for table, (comment, columns) in TABLES.items():
        declared = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
        connection.execute(f'create or replace table {schema}."{table}" ({declared})')
        connection.execute(f"comment on table {schema}.\"{table}\" is '{comment}'")
        for name, (_, note) in columns.items():
            connection.execute(f'comment on column {schema}."{table}"."{name}" is \'{note}\'')
        if table in LARGE:
            _insert_files(connection, f'{schema}."{table}"', columns, build.ops_files(table))
            continue
        frame = build.ops_frame(table)
        if frame.width:
            shared = [name for name in columns if name in frame.columns]
            names = ", ".join(f'"{name}"' for name in shared)
            connection.register("rows_of_run", frame.select(shared).to_arrow())
            connection.execute(f'insert into {schema}."{table}" ({names}) select {names} from rows_of_run')
            connection.unregister("rows_of_run")


def _insert_files(
    connection: duckdb.DuckDBPyConnection, target: str, columns: Iterable[str], files: list[Path]
) -> None:
    """Rows of Parquet files, read and ordered by DuckDB, which does not hold them all."""
    if files:
        names = ", ".join(f'"{name}"' for name in columns)
        paths = [str(path) for path in files]
        rows = f"select {names} from read_parquet(?) order by source, path, row_number"
        connection.execute(f"insert into {target} ({names}) {rows}", [paths])


def write_ops_file(build: Build, path: Path) -> None:
    """Replace `ops.duckdb` (schema main) by the tables of the run that just ended, in one step."""
    fresh = build.folder / "ops.duckdb"
    fresh.unlink(missing_ok=True)
    connection = opened(build.spill, fresh, read_only=False)
    try:
        create_ops(connection, "main", build)
    finally:
        connection.close()
    os.chmod(fresh, 0o640)
    os.replace(fresh, path)
