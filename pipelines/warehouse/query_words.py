"""What stops a question, in words for whoever asked, Chinese and English."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: DuckDB's kind of error → what it means here
MEANINGS = {
    "Parser": "语句写法有误 · syntax error",
    "Binder": "列名有误，或用法不对 · no such column, or wrongly used",
    "Catalog": "没有这样的表或函数 · no such table or function",
    "Conversion": "值不能这样转换 · a value cannot be converted",
    "Permission": "不允许：只能查询已发布的数据，不能读写文件 · not allowed: only released data, no files",
    "Out of Memory": "超出内存上限，见 CARESTAT_MEMORY · out of the memory allowed",
}


class WrongQuestion(Exception):
    """Refused or failed, in words for whoever asked."""


def unreadable(path: Path) -> str:
    """For a reader outside the readers' group."""
    return f"没有读取权限，请管理员把您加入读取组 · no permission to read, ask for the readers' group: {path}"


@contextmanager
def in_words(sql: str) -> Iterator[None]:
    """Turns whatever stops a question into WrongQuestion."""
    import duckdb

    from pipelines.warehouse import query_limits, read, result_forms

    try:
        yield
    except (read.NotReadOnly, result_forms.TooManyRows, ValueError) as refused:
        raise WrongQuestion(str(refused)) from refused
    except query_limits.TooLong as refused:
        raise WrongQuestion("超过时限，已停止，见 --timeout · stopped at the time limit") from refused
    except query_limits.Stopped as refused:
        raise WrongQuestion("已中断 · interrupted") from refused
    except MemoryError as refused:
        raise WrongQuestion(MEANINGS["Out of Memory"]) from refused
    except duckdb.Error as refused:
        raise WrongQuestion(told(str(refused), sql)) from refused


def told(message: str, sql: str) -> str:
    """DuckDB's error in Chinese and English, with the place in the text as line and character, both from 1."""
    kind, _, rest = message.partition(" Error: ")
    if "Permission denied" in rest:
        return unreadable(Path(rest.split('"')[1] if '"' in rest else "?"))
    try:
        error = json.loads(rest)
    except ValueError:
        error = {"exception_message": rest or message}
    lines = [MEANINGS.get(kind, "查询失败 · the question failed"), error["exception_message"].strip()]
    if "position" in error:
        before = sql.encode()[: int(error["position"])].decode(errors="ignore")
        row, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        lines[0] += f"（第 {row} 行第 {column} 个字符 · line {row}, character {column}）"
        lines.append(f"    {sql.split(chr(10))[row - 1]}")
    return "\n".join(lines)
