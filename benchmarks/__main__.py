"""`python -m benchmarks [ROUNDS]`: all measurements, three rounds unless told otherwise; writes RESULTS.md."""

import sys

from benchmarks import nightly

if __name__ == "__main__":
    nightly.main(rounds=int(sys.argv[1]) if len(sys.argv) > 1 else 3)
