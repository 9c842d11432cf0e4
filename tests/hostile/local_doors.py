"""Brings statements to every local door, in one process, and prints what each answered as JSON lines.

Arguments: the folder with `var`, the release to ask by name, and a JSON file of [statement, is a bomb]. The process
stands in the folder a statement could write to.
"""

import json
import sys
from functools import partial
from pathlib import Path

import duckdb
from click.testing import CliRunner

from pipelines.cli import main


def command(var: str, seconds: str, arguments: list[str], statement: str = "") -> tuple[int, str]:
    answer = CliRunner().invoke(main, ["query", "--timeout", seconds, "--var", var, *arguments], input=statement)
    told = repr(answer.exception) if answer.exception and not isinstance(answer.exception, SystemExit) else ""
    return answer.exit_code, answer.output + told


def documented(opening: str, statement: str) -> tuple[int, str]:
    """The lines of the page that open the released file in Python, then the statement."""
    scope: dict[str, duckdb.DuckDBPyConnection] = {}
    exec(opening, scope)
    with scope["connection"] as connection:
        try:
            return 0, str(connection.execute(statement).fetchmany(1000))
        except duckdb.Error as refused:
            return 1, str(refused)


def run(var: str, release: str, script: Path, statements: list[tuple[str, bool]], opening: str) -> None:
    for statement, bomb in statements:
        script.write_text(statement, encoding="utf-8")
        ask = partial(command, var, "0.1" if bomb else "60")
        doors = {
            "argument": partial(ask, ["--", statement]),
            "release": partial(ask, ["--release", release, "--format", "csv", "--", statement]),
            "file": partial(ask, ["-f", str(script), "--format", "json"]),
            "pipe": partial(ask, ["-"], statement),
        }
        if not bomb:  # in one's own Python nothing bounds time and memory
            doors["python"] = partial(documented, opening, statement)
        for door, knock in doors.items():
            code, told = knock()
            print(json.dumps({"door": door, "statement": statement, "code": code, "told": told[:20_000]}), flush=True)


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
    run(sys.argv[1], sys.argv[2], Path(sys.argv[4]), asked["statements"], asked["opening"])
