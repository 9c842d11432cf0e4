"""One measurement in a process of its own: prints seconds and peak memory as JSON.

usage: one_landing.py land RAW VAR | sink CSV OUT | calamine XLSX
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl


def land(raw: str, var: str) -> Callable[[], int]:
    """Landing of the ledger, contract checked; the register of regions is landed before the clock starts."""
    from benchmarks.deliveries import SOURCE
    from pipelines.landing.land import Landing

    landing = Landing(Path(raw), Path(var))
    landing.discover()
    landing.land("regions")
    return lambda: landing.land(SOURCE).rows


def sink(csv: str, out: str) -> Callable[[], int]:
    """polars' own way from CSV to Parquet, nothing checked but the types it infers."""
    frame = pl.scan_csv(csv)
    return lambda: frame.sink_parquet(out) or 0


def calamine(xlsx: str) -> Callable[[], int]:
    """The cells of a workbook as a frame, nothing checked."""
    import fastexcel

    return lambda: fastexcel.read_excel(xlsx).load_sheet(0).to_polars().height


if __name__ == "__main__":
    work = {"land": land, "sink": sink, "calamine": calamine}[sys.argv[1]](*sys.argv[2:])
    began = time.perf_counter()
    rows = work()
    seconds = time.perf_counter() - began
    # not ru_maxrss, which begins with the memory of the process that started this one
    [peak] = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
    print(json.dumps({"seconds": seconds, "rows": rows, "peak_mb": int(peak.split()[1]) // 1024}))
