"""Deterministic generator of the deliveries that ship with the project: `python -m pipelines.samples --out raw`.

One module per source builds the rows, one card per source in `origins/` says what in them is real; real figures are
read from `reference/`, everything else is invented by hashing keys (`chance`), so every run writes the same deliveries.
"""
