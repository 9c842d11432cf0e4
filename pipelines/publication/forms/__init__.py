"""The forms of an edition: each module renders the book into files below a folder, and nothing else."""
