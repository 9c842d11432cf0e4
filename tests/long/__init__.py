"""Runs of an hour, done by hand before a version is given out; the suite keeps their short forms (tests/integration).

    python -m tests.long.nights   --nights 30                 thirty nights under a faked clock, each judged
    python -m tests.long.kills    --kills 200                 SIGKILL at random moments
    python -m tests.long.readers  --readers 50 --releases 20  no reader ever sees a part of a release
    python -m tests.long.together                             two runs started at once
    python -m tests.long.faults   [name …]                    disk, memory, damage, mounts, clock (needs root)

Each prints a table, writes what it saw as JSON and ends with 1 if anything was not as it must be. Kills and readers
take --seed; all take --folder, where installations are made, and --to, the JSON file.
"""
