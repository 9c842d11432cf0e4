"""An installation with nothing in it, servers that take alerts, and a configuration that names them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines.settings import Settings
from tests.integration.alerts.receivers import Authority, MailServer, WebServer
from tests.integration.alerts.scene import CALENDAR


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.made_in(tmp_path_factory.mktemp("authority"))


@pytest.fixture(autouse=True)
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARESTAT_KEY", "development")
    monkeypatch.delenv("CARESTAT_ENV", raising=False)
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with nothing in it but a calendar that asks for nothing."""
    made = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "dbt", tmp_path / "expectations")
    for folder in (made.raw, made.var, made.expectations):
        folder.mkdir()
    (made.expectations / "delivery_calendar.csv").write_text(CALENDAR)
    return made


@pytest.fixture
def web(authority: Authority) -> Iterator[WebServer]:
    with WebServer(authority) as server:
        yield server


@pytest.fixture
def mail(authority: Authority) -> Iterator[MailServer]:
    with MailServer(authority) as server:
        yield server


@pytest.fixture
def configure(tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def write(*parts: str) -> None:
        path = tmp_path / "alerts.toml"
        path.write_text("\n".join(parts).replace("CA_FILE", str(authority.ca_file)), encoding="utf-8")
        path.chmod(0o600)
        monkeypatch.setenv("CARESTAT_ALERTS", str(path))

    return write
