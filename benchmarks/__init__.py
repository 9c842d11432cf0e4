"""Paired measurements, each against a stated floor; `make bench` runs them and writes RESULTS.md."""
