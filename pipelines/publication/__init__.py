"""The annual publication: a release in, a frozen edition out (design §1; GSBPM phases 6 and 7).

tables/      what is published: one query a table over the release, its columns named in tables.yml
content      release → tables; numbers, wording and sentences: how figures are shown and spoken of
disclosure/  which person counts are hidden, and the audit that they cannot be recovered
evidence/    the rows behind a number
book         what every form renders: the tables after disclosure control, and the edition they belong to
forms/       site, PDF, workbook, open data, SDMX: each renders the book and nothing else
objections   what stands against publishing a year: failed checks, missing regions, an embargo
edition      freezes the forms (rendering) into var/publication/<year>/<edition>/ (shelf) with a manifest
diff         what changed between two editions or years, and why (causes); diff_shown: as text, page and CSV
publishing   the commands publish and diff; assets: the same as a Dagster job, partitioned by year
"""
