"""`carestat serve`: every release onto the server as it comes, and the limits kept, until told to stop."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import psycopg

from pipelines.progress import say
from pipelines.publication.edition import NotPublished
from pipelines.serving.accounts import Limits
from pipelines.serving.fill import NotSwapped
from pipelines.serving.load import Loaded, load
from pipelines.serving.protection import NotListed
from pipelines.serving.server import NoServer, connect
from pipelines.serving.shape import UnknownType
from pipelines.serving.watchdog import end_overdue
from pipelines.settings import Settings
from pipelines.warehouse.read import NoRelease

#: why a release is not served; the former one stays
REFUSALS = (
    NoServer,
    NoRelease,
    NotListed,
    UnknownType,
    NotPublished,
    NotSwapped,
    psycopg.Error,
    duckdb.Error,
    OSError,
)
#: seconds: between looks at what runs, at what is released, and after a load that failed
WATCH, LOOK, AGAIN = 1, 30, 600


def load_once(settings: Settings) -> Loaded:
    """Serve the release in service. Raises REFUSALS; then the former load stays."""
    with connect(settings) as connection:
        return load(settings, connection)


def follow(settings: Settings, limits: Limits | None = None, stop: threading.Event | None = None) -> None:
    """Load what is released and end what takes too long, until `stop`, SIGTERM or SIGINT. The server may go away and
    come back meanwhile.
    """
    stop = stop or _signalled()
    with ThreadPoolExecutor(1) as loader:
        under_way: Future[None] | None = None
        look_at = 0.0
        watch = _Watch(settings, limits or Limits())
        while not stop.is_set():
            if (under_way is None or under_way.done()) and time.monotonic() >= look_at:
                failed = under_way is not None and under_way.exception() is not None
                under_way = loader.submit(_load_and_tell, settings)
                look_at = time.monotonic() + (AGAIN if failed else LOOK)
            watch.look()
            stop.wait(WATCH)


def _load_and_tell(settings: Settings) -> None:
    try:
        loaded = load_once(settings)
    except REFUSALS as refused:
        say(f"未装载，原发布继续服务 · not loaded, the former load stays: {refused}")
        raise
    if loaded.is_new:
        say(told(loaded))


def told(loaded: Loaded) -> str:
    if not loaded.is_new:
        return f"服务器上已是 {loaded.release_id} · served already"
    line = (
        f"已装载 {loaded.release_id}，{loaded.rows} 行，隐去 {loaded.hidden} 个人数"
        f" · loaded, {loaded.rows} rows, {loaded.hidden} counts of persons hidden"
    )
    return f"{line}\n全部人数一律隐去 · all of them, because: {loaded.all_because}" if loaded.all_because else line


class _Watch:
    """The watchdog's own connection, made again when it breaks."""

    def __init__(self, settings: Settings, limits: Limits) -> None:
        self._settings, self._limits = settings, limits
        self._connection: psycopg.Connection | None = None
        self._is_down = False

    def look(self) -> None:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._settings)
            for name in end_overdue(self._connection, self._limits):
                say(f"超时，已结束 {name} 的语句 · ended a statement of {name}: over its limit")
            self._is_down = False
        except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
            return  # nothing loaded yet, so no account
        except (psycopg.Error, NoServer, OSError) as broken:
            if not self._is_down:
                say(f"连不上服务器 · no connection to the server: {broken}")
            self._is_down, self._connection = True, None


def _signalled() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
