"""carestat: the Dagster code location."""
