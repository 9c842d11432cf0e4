"""dbt in a process of its own that is ready when the models' turn comes: its imports take seconds, which pass while
the deliveries land. It parses the models first, if nobody has parsed this version yet.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from pipelines.landing.store import read_sealed, sha256_of, write_sealed
from pipelines.memory import duckdb_mb
from pipelines.settings import PROJECT, Settings

if TYPE_CHECKING:
    from dbt_common.events.base_types import EventMsg

QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false", "DBT_USE_COLORS": "false", "DO_NOT_TRACK": "1"}
PARSE_ONLY = "parse"
#: what a run reads of a parse, and where their SHA-256 stand
READ_BACK = ("manifest.json", "partial_parse.msgpack")
DIGESTS = "sha256.json"
#: of dbt's log, before another file is begun
LOG_BYTES = 10_000_000


def parsed_folder(settings: Settings) -> Path:
    """dbt's target folder of a parse: good for these models at their place, where seeds are read, and for this dbt."""
    good_for = (settings.models_version(), str(settings.dbt_project), version("dbt-core"), version("dbt-duckdb"))
    return settings.var / "dbt" / hashlib.sha256("\0".join(good_for).encode()).hexdigest()[:16]


def manifest(settings: Settings) -> Path:
    """The models' manifest, parsed on first need and kept; whoever needs it meanwhile waits.

    Raises RuntimeError with dbt's own words when the models cannot be parsed.
    """
    kept = parsed_folder(settings)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.parent / "parse.lock"):
        if not _is_whole(kept):
            parsed = subprocess.run(
                _command(PARSE_ONLY),
                cwd=PROJECT,
                env=_environment(settings),
                capture_output=True,
                text=True,
                check=False,
            )
            if parsed.returncode:
                raise RuntimeError(f"dbt 无法解析模型 · the models cannot be parsed:\n{_words(parsed.stdout)}")
    return kept / "manifest.json"


def _words(printed: str) -> str:
    """What dbt said, without the inner calls of an error that it did not expect."""
    said, _, calls = printed.partition("Traceback (most recent call last)")
    return f"{said}\n{calls.strip().splitlines()[-1]}" if calls.strip() else said


class DbtProcess:
    """Started early, told once what to do; it ends when that is done, with `close`, or when its run dies."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process = subprocess.Popen(
            _command(),
            cwd=PROJECT,
            env=_environment(settings) | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def build(self, target: Path, variables: str) -> subprocess.Popen[bytes]:
        """Build seeds and models and test them; dbt's events come as JSON lines on the process's standard output."""
        arguments = [
            "build",
            "--exclude",
            "resource_type:unit_test",
            "--no-write-json",
            *_folders(self._settings, target),
        ]
        if variables:
            arguments += ["--vars", variables]
        assert self._process.stdin
        told = {"arguments": arguments, "log": str(self._settings.var / "logs")}
        self._process.stdin.write(json.dumps(told).encode() + b"\n")
        self._process.stdin.flush()
        return self._process

    def close(self) -> None:
        self._process.kill()
        self._process.wait()


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipelines.warehouse.dbt_process", *arguments]


def _environment(settings: Settings) -> dict[str, str]:
    """The build folder has one name in every night's compiled SQL. The key is no business of dbt."""
    inherited = {name: value for name, value in os.environ.items() if name != "CARESTAT_KEY"}
    build = settings.warehouse / "build" / "current"
    files = {"CARESTAT_BUILD": str(build), "CARESTAT_HISTORY": str(settings.history)}
    macros = {"CARESTAT_MACROS": settings.macros_version()}
    memory = {"CARESTAT_DUCKDB_MEMORY": f"{duckdb_mb()}MB"}
    return inherited | settings.variables | QUIET | files | macros | memory


def _folders(settings: Settings, target: Path) -> list[str]:
    project = str(settings.dbt_project)
    return ["--project-dir", project, "--profiles-dir", project, "--target-path", str(target)]


def _parse(settings: Settings, kept: Path) -> bool:
    """dbt's target folder of a parse, in place in one step: a killed parse leaves nothing that looks complete."""
    from dbt.cli.main import dbtRunner

    for left in kept.parent.glob("parsing-*"):
        shutil.rmtree(left)
    fresh = Path(tempfile.mkdtemp(prefix="parsing-", dir=kept.parent))
    result = dbtRunner().invoke(["parse", *_folders(settings, fresh), "--log-path", str(fresh), "--log-format", "text"])
    if result.success:
        write_sealed(fresh / DIGESTS, {name: sha256_of(fresh / name) for name in READ_BACK})
        shutil.rmtree(kept, ignore_errors=True)
        fresh.rename(kept)
    return result.success


def _is_whole(kept: Path) -> bool:
    """Whether the models were parsed, and what a run reads of that is as it was written."""
    written = read_sealed(kept / DIGESTS)
    return written is not None and written == {name: sha256_of(kept / name) for name in READ_BACK}


def _parsed(kept: Path) -> Any:
    """The models as dbt itself takes up an earlier parse when no file has changed, but for its look at the paths of the
    profile: a parse is the same wherever the build lies."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    models = Manifest.from_msgpack((kept / "partial_parse.msgpack").read_bytes(), decoder=extended_mashumuro_decoder)
    models.build_parent_and_child_maps()
    models.build_flat_graph()
    return models


def _end_with_run() -> None:
    """The pipe closes when the run dies, however it dies; working on, dbt would keep the history from the next run."""
    os.read(sys.stdin.fileno(), 1)  # not through sys.stdin, whose lock a thread must not hold when dbt ends
    os._exit(1)


def _teller(folder: Path) -> Callable[[EventMsg], None]:
    """Tells dbt's events, but for those that are for finding faults of dbt, on standard output and in `folder`/dbt.log,
    a line of JSON each. dbt's own loggers write out every event for each of them, and then drop nine in ten: a seventh
    of a small night's models. Where that file cannot be written, a night goes on without it."""
    from dbt_common.events.functions import env_scrubber, msg_to_json

    tellers: list[logging.Handler] = [logging.StreamHandler(sys.stdout)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = RotatingFileHandler(folder / "dbt.log", maxBytes=LOG_BYTES, backupCount=5, encoding="utf-8")
        tellers.append(log)
    except OSError as refused:
        print(f"dbt.log 无法写入 · cannot be written: {refused}", flush=True)

    def tell(event: EventMsg) -> None:
        if event.info.level in ("debug", "test"):
            return
        line = logging.LogRecord("dbt", logging.INFO, "", 0, env_scrubber(msg_to_json(event)), None, None)
        for teller in tellers:
            teller.handle(line)

    return tell


def main(arguments: list[str]) -> int:
    """Parse if need be; then, unless that was all, do what the one line on standard input tells."""
    gc.disable()  # what is imported stays; a run is over before anything else matters
    settings = Settings.from_environment()
    kept = parsed_folder(settings)
    if arguments == [PARSE_ONLY]:
        return 0 if _parse(settings, kept) else 1
    kept.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(kept.parent / "parse.lock"):
        if not _is_whole(kept):
            with contextlib.redirect_stdout(io.StringIO()):  # whoever needs the manifest parses again and tells
                _parse(settings, kept)
    from dbt.cli.main import dbtRunner

    parsed = _parsed(kept) if _is_whole(kept) else None
    told = sys.stdin.readline()
    if not told:
        return 0
    threading.Thread(target=_end_with_run, daemon=True).start()
    asked = json.loads(told)
    arguments = asked["arguments"]
    # variables given to dbt may change what a parse finds
    runner = dbtRunner(None if "--vars" in arguments else parsed, callbacks=[_teller(Path(asked["log"]))])
    # dbt makes its folder of logs whatever it is to write there, and ends where it cannot
    silent = ["--log-path", str(kept.parent), "--log-level", "none", "--log-level-file", "none"]
    result = runner.invoke([*arguments, *silent])
    if result.exception:
        print(f"dbt: {result.exception}", flush=True)
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
