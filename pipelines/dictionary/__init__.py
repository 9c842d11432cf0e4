"""The data dictionary: registry, contracts and models in, static pages in docs/dictionary out.

registry    seeds and the columns of released tables, as rows
models      measure models as SQL and branches
lineage     from a measure back to the delivered columns
wording     codes, operators and conditions in Chinese
entries     what the pages say of indicators, measures and documents
inventory   what they say of sources and released tables
printed     columns and comments of the documents' own tables
pages       templates filled in

Nothing is written for the dictionary alone: what it says of an indicator follows from where that is declared.
"""
