"""The measurements, in the order of RESULTS.md: what each is called on the command line, and its module."""

MEASUREMENTS = {
    "nightly": "benchmarks.nightly",
    "landing": "benchmarks.landing",
    "history": "benchmarks.history",
    "nights": "benchmarks.nights",
    "indicators": "benchmarks.indicators",
    "queries": "benchmarks.queries",
    "spark": "benchmarks.spark",
    "rivals": "benchmarks.rivals.measure",
    "publication": "benchmarks.publication",
}
