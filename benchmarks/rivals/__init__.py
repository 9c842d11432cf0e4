"""The same slice of work done by what a user would pick instead: pandas, PostgreSQL with dbt, SQLMesh on DuckDB."""
