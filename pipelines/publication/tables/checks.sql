select
    suite,
    "check",
    severity,
    success,
    waived,
    unexpected_count,
    reason_zh as meaning
from ops.check_result
order by suite, "check"
