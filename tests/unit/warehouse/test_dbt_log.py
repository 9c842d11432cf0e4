"""dbt's events are told whether or not they can be kept."""

from pathlib import Path

import pytest
from dbt.events.types import MainReportVersion
from dbt_common.events.base_types import EventLevel, msg_from_base_event

from pipelines.warehouse.dbt_process import _teller


def test_a_night_goes_on_where_its_log_cannot_be_written(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").write_text("a file where the folder belongs", encoding="utf-8")
    tell = _teller(tmp_path / "logs")
    tell(msg_from_base_event(MainReportVersion(version="=1.2.3", log_version=3), level=EventLevel.INFO))
    refused, event = capfd.readouterr().out.splitlines()
    assert "dbt.log 无法写入" in refused and "logs" in refused
    assert "=1.2.3" in event
