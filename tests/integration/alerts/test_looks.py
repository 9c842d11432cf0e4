"""What is remembered between looks, and the commands."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipelines.operations import alert_commands, alerts
from pipelines.operations.alerts import telling
from pipelines.operations.outcome import Failure, State
from pipelines.settings import Settings
from pipelines.warehouse.lock import hold, run_lock
from tests.integration.alerts.receivers import Authority, MailServer, WebServer, free_port
from tests.integration.alerts.scene import BROKEN, HOUR, NIGHT, QUIET, SECRET, TOKEN, box, hook, night
from tests.integration.installation import Installation


def test_a_night_of_the_command_tells_by_itself(tmp_path: Path, web: WebServer, configure: Callable[..., None]) -> None:
    installation = Installation.in_folder(tmp_path / "installation")
    installation.raw.mkdir(parents=True)
    configure(QUIET, hook(web))
    lock = run_lock(installation.var)
    hold(lock)
    try:
        done = installation.run("nightly", CARESTAT_WAIT="0.1", CARESTAT_ALERTS=os.environ["CARESTAT_ALERTS"])
    finally:
        lock.release()
    assert done.returncode == 1
    [posted] = web.received
    assert posted.json["headline"] == "夜间运行没有开始：另一次运行一直占用"
    assert "命令启动" in posted.json["text"]
    assert SECRET not in done.stdout + done.stderr and TOKEN not in done.stdout + done.stderr


def test_the_command_tries_every_channel_and_says_what_each_answered(
    settings: Settings, web: WebServer, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web), hook(web, "wecom", secret=""), box(mail))
    web.answers = [(200, '{"errcode": 93000, "errmsg": "invalid webhook url"}')] * 2
    done = CliRunner().invoke(alert_commands.alerts, ["test", "--var", str(settings.var)])
    assert done.exit_code == 1
    lines = sorted(done.stdout.splitlines())
    assert [line.split("\t")[:2] for line in lines] == [
        ["json", "已送出 · sent"],
        ["wecom", "失败 · failed"],
        ["邮箱", "已送出 · sent"],
    ]
    assert "93000" in lines[1] and "robot-key-77" not in done.output
    assert mail.received[0]["Subject"] == "【carestat】测试消息，无需处理"


def test_the_watch_command_says_what_it_found(
    settings: Settings, web: WebServer, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ["--raw", str(settings.raw), "--var", str(settings.var)]
    monkeypatch.setenv("CARESTAT_EXPECTATIONS", str(settings.expectations))
    configure("[when]\ndisk_used_percent = 0.000001\n", hook(web))
    done = CliRunner().invoke(alert_commands.watch, asked)
    assert done.exit_code == 0
    assert "磁盘将满" in done.stdout and "已发 · sent  json" in done.stdout
    monkeypatch.delenv("CARESTAT_ALERTS")
    assert "只看不发" in CliRunner().invoke(alert_commands.watch, asked).output
    monkeypatch.setenv("CARESTAT_ALERTS", str(settings.var / "none.toml"))
    assert CliRunner().invoke(alert_commands.watch, asked).exit_code == 2


def test_nights_are_remembered_before_anyone_is_told(
    settings: Settings, web: WebServer, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CARESTAT_ALERTS", raising=False)
    alerts.tell(settings, BROKEN, NIGHT)
    configure("nonsense = 1")
    with pytest.raises(RuntimeError, match="nonsense"):
        alerts.tell(settings, night(State.FAILED, Failure("models", "later")), NIGHT + HOUR)
    configure(QUIET, hook(web))
    alerts.watch(settings, NIGHT + 2 * HOUR)
    assert "models：later" in web.received[0].json["text"]


def test_a_process_that_dies_while_sending_leaves_the_alert_to_the_next(
    settings: Settings, web: WebServer, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(QUIET, hook(web))

    def dies(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(telling, "deliver", dies)
        with pytest.raises(SystemExit):
            alerts.tell(settings, BROKEN, NIGHT)
    assert web.received == []
    (settings.var / "alerts" / ".state.json.4711.part").write_text('{"open": ')
    alerts.watch(settings, NIGHT + HOUR)
    assert [posted.json["headline"] for posted in web.received] == ["夜间运行出错"]


def test_looks_at_the_same_time_tell_once(settings: Settings, web: WebServer, configure: Callable[..., None]) -> None:
    configure(QUIET, hook(web))
    with ThreadPoolExecutor(4) as looks:
        list(looks.map(lambda _: alerts.tell(settings, BROKEN, NIGHT), range(4)))
    assert len(web.received) == 1


def test_an_alert_goes_out_when_nothing_can_be_written(
    settings: Settings, web: WebServer, configure: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    configure(QUIET, hook(web))
    (settings.var / "alerts").touch()
    assert len(alerts.tell(settings, BROKEN, NIGHT).sent) == 1
    assert "告警状态写不了" in capfd.readouterr().err


def test_what_repeats_while_the_server_is_down_arrives_once(
    settings: Settings, authority: Authority, configure: Callable[..., None]
) -> None:
    web = WebServer(authority, port=free_port())
    configure(QUIET, "stale_hours = 100", hook(web))
    for day in range(3):
        alerts.tell(settings, BROKEN, NIGHT + 24 * day * HOUR)
    with web:
        alerts.tell(settings, night(State.RELEASED, ended=NIGHT + 72 * HOUR), NIGHT + 72 * HOUR)
    assert [posted.json["headline"] for posted in web.received] == [
        "仍未解决：夜间运行出错",
        "夜间运行已恢复正常，一切正常",
    ]
