"""A statistician who asks again and again: prints each different answer once, and how often was asked.

usage: reader.py DATABASE STOP; ends when the file STOP exists.
"""

import json
import sys
import time
from pathlib import Path

from pipelines.warehouse import read

QUESTION = """
select release.release_id, answer.*
from ops.release as release,
    (select count(*), sum(value), min(value) filter (where indicator_key = 'basic_pension_participation_rate'),
        count(distinct note) from marts.indicator_value where region_code = '500113' and period = '2021') as answer
"""

#: between two questions: statisticians think, and the machine has the run to do as well
PAUSE = 1.5


def main(database: Path, stop: Path) -> None:
    answers: set[tuple[object, ...]] = set()
    asked = 0
    while not stop.exists():
        [row] = read.query(database, QUESTION)[1]
        answers.add(row)
        asked += 1
        time.sleep(PAUSE)
    print(json.dumps({"asked": asked, "answers": sorted(answers)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
