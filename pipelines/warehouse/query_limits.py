"""What one question may take of time and memory, and how it is stopped: at its time limit, or by Ctrl-C."""

from __future__ import annotations

import os
import resource
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

#: DuckDB looks up whether it is to stop between tasks; within one, a function on a huge value runs on
GRACE_SECONDS = 2.0
#: what Python, its libraries and buffers outside DuckDB's own bookkeeping take beside DuckDB's memory limit
BESIDE_MB = 1024
SHOWN_AFTER_SECONDS = 2.0
DONE, STOPPED = b"d", b"s"


class TooLong(Exception):
    """The question ran into its time limit."""


class Stopped(Exception):
    """Ctrl-C."""


@contextmanager
def memory_limit(megabytes: int) -> Iterator[None]:
    """The system's own bound on this process's memory, beside DuckDB's.

    DuckDB doesn't count the texts that its functions make: `repeat('x', 4000000000)` takes 8 GB under any limit of its.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = _held() + ((megabytes + BESIDE_MB) << 20)
    resource.setrlimit(resource.RLIMIT_DATA, (wanted if hard < 0 else min(wanted, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))


def _held() -> int:
    """Bytes that this process holds already, as the limit counts them (proc(5): VmData)."""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in status.splitlines() if line.startswith("VmData:")), 0)


@contextmanager
def watched(connection: duckdb.DuckDBPyConnection, seconds: float, shown: bool) -> Iterator[None]:
    """Interrupts the connection after so many seconds or at Ctrl-C, and ends the process where DuckDB doesn't obey.

    Ctrl-C is seen through the wake-up descriptor: Python's own handler waits until DuckDB comes back with a batch of
    rows, which may take minutes. With `shown`, a long question tells on standard error how far it is. Raises TooLong,
    Stopped.
    """
    ear, voice = socket.socketpair()
    voice.setblocking(False)
    outcome: list[type[Exception]] = []
    watcher = threading.Thread(target=_watch, args=(connection, ear, seconds, shown, outcome), daemon=True)
    handler = signal.signal(signal.SIGINT, lambda *_: None)
    former = signal.set_wakeup_fd(voice.fileno(), warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    except (duckdb.InterruptException, RuntimeError):
        if not outcome:
            raise
    finally:
        signal.set_wakeup_fd(former)
        signal.signal(signal.SIGINT, handler)
        voice.send(DONE)
        watcher.join()
        ear.close()
        voice.close()
    if outcome:
        raise outcome[0]


def _watch(
    connection: duckdb.DuckDBPyConnection,
    ear: socket.socket,
    seconds: float,
    shown: bool,
    outcome: list[type[Exception]],
) -> None:
    begun = time.monotonic()
    told = False
    while True:
        elapsed = time.monotonic() - begun
        if outcome and elapsed > seconds + GRACE_SECONDS:
            print("语句不能停下，进程已结束 · the statement would not stop: process ended", file=sys.stderr, flush=True)
            os._exit(1)
        if not outcome and elapsed > seconds:
            outcome.append(TooLong)
        if outcome:  # again and again: one that comes before DuckDB has begun is lost
            connection.interrupt()
        if shown and elapsed > SHOWN_AFTER_SECONDS:
            told = True
            share = connection.query_progress()
            percent = f" {share:.0f} %" if share >= 0 else ""
            print(f"\r已运行 {elapsed:.0f} 秒{percent} · running   ", end="", file=sys.stderr, flush=True)
        ready, _, _ = select.select([ear], [], [], 0.1 if outcome else max(0.01, min(0.5, seconds - elapsed)))
        heard = ear.recv(16) if ready else b""
        if DONE in heard:
            break
        if signal.SIGINT in heard and not outcome:
            outcome.append(Stopped)
            seconds = elapsed
    if told:
        print("\r" + " " * 40 + "\r", end="", file=sys.stderr, flush=True)
