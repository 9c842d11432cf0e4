"""The warehouse: build file, models, swap, and reading what is released."""
