"""The rows behind a number: what a release keeps so that it can be asked later, and the answers.

rules    how each measure counts rows, and the words for every reason a row does not count; told by the models
keep     written with a release: rules, staging as it read, and which landed files were in force (`evidence.duckdb`)
opened   the evidence of a release, as one connection
lookup   which figure is meant by what a person types
parts    the measures that a figure is made of
rows     the rows that a measure looks at: each counts, or fails a question
regions  whose own reports made up a reported figure, and whose are missing
units    units judged one by one
files    the files behind the rows: checksums, refused rows, earlier months
trace    value → parts → files → rows as plain data; `told` as text; `command` prints it
bulk     the files behind every published figure, in one table
"""
