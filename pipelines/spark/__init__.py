"""The same models on Apache Spark: a session over the landed Parquet, dbt inside it, and the comparison with DuckDB."""
