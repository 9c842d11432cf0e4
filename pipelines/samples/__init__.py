"""Deterministic generator of the deliveries that ship with the project: `python -m pipelines.samples --out raw`.

One module per source builds the rows of Banan and Dazhou, `provinces` those of Guizhou and Henan; one card per source
in `origins/` says what in them is real. Real figures are read from `reference/`, everything else is invented by hashing
keys (`chance`), so every run writes the same deliveries.
"""
