"""What the tests of alerts say: when it is, how a night ended, and the parts of a configuration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from pipelines.operations.outcome import Failure, Outcome, State
from tests.integration.alerts.receivers import PASSWORD, USER, MailServer, WebServer

#: 02:14 in Beijing
NIGHT = datetime(2026, 11, 21, 18, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN, SECRET = "bearer-0815-token", "SEC-signing-secret"
CALENDAR = "source,supplier,months,due_months,due_day,grace_days,first_period,last_period,note\n"


QUIET = "[when]\ndisk_used_percent = 100\ndisk_free_gib = 0\n"


def hook(server: WebServer, form: str = "json", secret: str = SECRET, path: str = "hook?key=robot-key-77") -> str:
    signed = f'secret = "{secret}"' if secret else ""
    token = f'token = "{TOKEN}"' if form == "json" else ""
    return (
        f'[[webhook]]\nname = "{form}"\nform = "{form}"\nurl = "{server.url(path)}"\n{signed}\n{token}\n'
        'ca_file = "CA_FILE"\n'
    )


def box(server: MailServer, recipients: str = '["值班 <duty@example.org>", "head@example.org"]', **other: str) -> str:
    password = other.get("password", PASSWORD)
    ca = 'ca_file = "CA_FILE"' if other.get("trusted", "yes") == "yes" else ""
    return (
        f'[[email]]\nname = "邮箱"\nhost = "127.0.0.1"\nport = {server.port}\nusername = "{USER}"\n'
        f'password = "{password}"\nsender = "养老托育统计 <carestat@example.org>"\nrecipients = {recipients}\n{ca}\n'
        "timeout_seconds = 5\n"
    )


def night(state: State, *failures: Failure, ended: datetime = NIGHT) -> Outcome:
    return Outcome(state, ended - timedelta(minutes=14), ended, "run-1", "schedule", failures=failures)


BROKEN = night(State.FAILED, Failure("landing/deaths", "磁盘写不了 · no space left"))
GOOD = night(State.NOTHING_NEW, ended=NIGHT + 25 * HOUR)
