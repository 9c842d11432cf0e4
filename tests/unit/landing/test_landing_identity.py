"""Nothing is lost: delivered = landed + quarantined + superseded + ignored, for whatever is written."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

CELL = st.sampled_from(
    ["511702", "511703", "511700", "合计", "男", "女", "0岁", "1-4", "5+", "1", "2", "x", "", "注：", "—"]
)
ROW = st.lists(CELL, min_size=1, max_size=5)
FILE = st.tuples(
    st.sampled_from(["511700.csv", "511700_r2.csv", "511702.csv", "511703.csv", "511703_r3.csv"]),
    st.lists(ROW, max_size=8),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(FILE, min_size=1, max_size=3, unique_by=lambda file: file[0]))
def test_every_row_is_accounted_for(world_in, files):
    with tempfile.TemporaryDirectory() as root:
        world = world_in(Path(root))
        for name, rows in files:
            lines = ["区划代码,性别,年龄组,死亡人数", *(",".join(row) for row in rows)]
            world.put(f"deaths/2024/{name}", "\n".join(lines))
        result = world.land("deaths")
        for row in result.reconciliation.iter_rows(named=True):
            assert row["delivered"] == row["landed"] + row["quarantined"] + row["superseded"] + row["ignored"]
        assert result.reconciliation["landed"].sum() == result.rows
        assert result.reconciliation["quarantined"].sum() == result.quarantine.height
