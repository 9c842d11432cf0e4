"""One publication in a process of its own: prints seconds, figures and peak memory as JSON.

usage: one_publication.py VAR FOLDER YEAR SIXTEENTHS
"""

import json
import resource
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipelines.publication import content, edition
from pipelines.publication.shelf import Shelf
from pipelines.settings import Settings

#: every region but the governed ones themselves is kept or left out by its code
CUT = """
    delete from published_region
    where region_code <> scope_region and hash(region_code) % 16 >= $sixteenths
"""


def cut_to(sixteenths: int) -> None:
    """Let the publication see only so many sixteenths of the regions."""
    whole = content.open_year

    def open_year(connection: duckdb.DuckDBPyConnection, year: str) -> None:
        whole(connection, year)
        connection.execute(CUT, {"sixteenths": sixteenths})

    content.open_year = open_year


if __name__ == "__main__":
    var, folder, year, sixteenths = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    cut_to(sixteenths)
    settings = Settings.from_environment(var=var)
    began = time.monotonic()
    made = edition.publish(settings, edition.Request(year), datetime.now(UTC), Shelf(folder)).edition
    seconds = time.monotonic() - began
    files = made.manifest["files"]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "figures": made.tables()["figures"].height,
                "regions": made.tables()["regions"].height,
                "megabytes": sum(file["bytes"] for file in files.values()) / 1e6,
                "memory_gib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2,
            }
        )
    )
