"""One Spark session in this process, in which dbt-spark finds the landed deliveries and makes its tables."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

#: What makes Spark answer as DuckDB does.
SAME = {
    "spark.sql.ansi.enabled": "true",  # a cast that cannot be made, an overflow and a division by zero fail
    "spark.sql.ansi.doubleQuotedIdentifiers": "true",  # "name" is a name, never a text
    "spark.sql.session.timeZone": "Asia/Shanghai",
}
#: A session of this process alone: tables are files, their catalogue ends with it, nothing listens to the network.
LOCAL = {
    "spark.sql.catalogImplementation": "in-memory",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.ui.retainedExecutions": "5",
}
#: Up to so many bytes landed, compiling a query costs more than running it.
SMALL_BYTES = 64 << 20
SMALL = {
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=240m",
}
#: bytes of landed Parquet that one task of a shuffle takes
PARTITION_BYTES = 16 << 20


def missing() -> list[str]:
    """What Spark needs and does not find on this machine, by name."""
    modules = {"pyspark": "pyspark", "dbt.adapters.spark": "dbt-spark"}
    found = [package for module, package in modules.items() if find_spec(module) is None]
    has_java = shutil.which("java") or os.environ.get("JAVA_HOME")
    return found if has_java else [*found, "Java 17 (openjdk-17-jre-headless)"]


def session(folder: Path, landed_bytes: int, cores: int, memory: str) -> SparkSession:
    """The session of this process, begun on first call; its tables lie as Parquet in `folder`/<schema>.db/<table>/.

    `landed_bytes`: how much Parquet it will read. Java older than 17 does not start: pyspark's own error.
    """
    from pyspark.sql import SparkSession

    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    partitions = max(cores, landed_bytes // PARTITION_BYTES)
    builder = SparkSession.builder.master(f"local[{cores}]").appName("carestat")
    builder = builder.config("spark.sql.shuffle.partitions", str(partitions))
    builder = builder.config("spark.sql.warehouse.dir", folder.as_uri())
    builder = builder.config("spark.local.dir", str(folder.parent / "spill"))
    builder = builder.config("spark.driver.memory", memory)
    for name, value in (SAME | LOCAL | (SMALL if landed_bytes <= SMALL_BYTES else {})).items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")  # dbt tells what failed
    return spark
