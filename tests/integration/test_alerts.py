"""Alerts as they arrive at a real mail server and a real web server, over TLS."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import socket
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from pipelines.operations import alert_commands, alerts
from pipelines.operations.alerts import post
from pipelines.operations.outcome import Failure, Outcome, State
from pipelines.settings import Settings
from tests.integration.receivers import PASSWORD, USER, Authority, MailServer, WebServer, free_port

#: 02:14 in Beijing
NIGHT = datetime(2026, 11, 21, 18, 14, tzinfo=UTC)
HOUR = timedelta(hours=1)
TOKEN, SECRET = "bearer-0815-token", "SEC-signing-secret"
CALENDAR = "source,supplier,months,due_months,due_day,grace_days,first_period,last_period,note\n"


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


def hook(server: WebServer, form: str = "json", secret: str = SECRET, path: str = "hook?key=robot-key-77") -> str:
    signed = f'secret = "{secret}"' if secret else ""
    token = f'token = "{TOKEN}"' if form == "json" else ""
    return (
        f'[[webhook]]\nname = "{form}"\nform = "{form}"\nurl = "{server.url(path)}"\n{signed}\n{token}\n'
        'ca_file = "CA_FILE"\ntimeout_seconds = 0.3\n'
    )


def box(server: MailServer, recipients: str = '["值班 <duty@example.org>", "head@example.org"]', **other: str) -> str:
    password = other.get("password", PASSWORD)
    ca = 'ca_file = "CA_FILE"' if other.get("trusted", "yes") == "yes" else ""
    return (
        f'[[email]]\nname = "邮箱"\nhost = "127.0.0.1"\nport = {server.port}\nusername = "{USER}"\n'
        f'password = "{password}"\nsender = "养老托育统计 <carestat@example.org>"\nrecipients = {recipients}\n{ca}\n'
        "timeout_seconds = 5\n"
    )


QUIET = "[when]\ndisk_used_percent = 100\ndisk_free_gib = 0\n"


def night(state: State, *failures: Failure, ended: datetime = NIGHT) -> Outcome:
    return Outcome(state, ended - timedelta(minutes=14), ended, "run-1", "schedule", failures=failures)


BROKEN = night(State.FAILED, Failure("landing/deaths", "磁盘写不了 · no space left"))
GOOD = night(State.NOTHING_NEW, ended=NIGHT + 25 * HOUR)


def test_a_failed_night_arrives_by_mail_and_by_signed_webhook(
    settings: Settings, mail: MailServer, web: WebServer, configure: Callable[..., None]
) -> None:
    configure('name = "某省"', QUIET, box(mail), hook(web))
    page = settings.var / "reports" / "20261121T181400Z-failed.html"
    page.parent.mkdir()
    page.write_text("<p>运行报告</p>", encoding="utf-8")

    told = alerts.tell(settings, BROKEN, NIGHT)

    assert (len(told.sent), told.unsent) == (2, ())
    [message] = mail.received
    assert mail.logins == [(PASSWORD, True)]
    assert mail.recipients == [["duty@example.org", "head@example.org"]]
    assert message["Subject"] == "【carestat】夜间运行出错（某省）"
    assert message["From"].addresses[0].display_name == "养老托育统计"
    assert [one.addr_spec for one in message["To"].addresses] == ["duty@example.org", "head@example.org"]
    assert message["Date"].datetime.isoformat() == "2026-11-22T02:14:00+08:00"
    text = message.get_body(("plain",)).get_content()
    assert "时间：2026-11-22 02:00 至 2026-11-22 02:14（北京时间），定时启动" in text
    assert "landing/deaths：磁盘写不了 · no space left" in text
    assert "在用：尚无任何发布" in text
    assert "下一步：carestat status" in text
    assert "磁盘写不了" in message.get_body(("html",)).get_content()
    [report] = message.iter_attachments()
    assert report.get_filename() == "运行报告-20261121T181400Z-failed.html"
    assert report.get_content() == "<p>运行报告</p>"

    [posted] = web.received
    assert posted.headers["Authorization"] == f"Bearer {TOKEN}"
    signed = posted.headers["X-Carestat-Timestamp"].encode() + b"." + posted.body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    assert posted.headers["X-Carestat-Signature"] == f"sha256={expected}"
    assert posted.json["installation"] == "某省"
    assert posted.json["kind"] == "alert"
    assert posted.json["occasions"] == ["night"]
    assert posted.json["headline"] == "夜间运行出错"
    assert posted.json["at_beijing"] == "2026-11-22 02:14"
    assert posted.headers["X-Carestat-Id"] == posted.json["id"] in str(message["Message-ID"])


def test_one_alert_until_it_changes_or_a_day_passes_and_one_when_all_is_well(
    settings: Settings, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, box(mail))
    alerts.tell(settings, BROKEN, NIGHT)
    alerts.tell(settings, BROKEN, NIGHT + HOUR)
    alerts.watch(settings, NIGHT + 2 * HOUR)
    assert len(mail.received) == 1, "nothing changed"

    other = night(State.FAILED, Failure("models", "内存不足 · out of memory"), ended=NIGHT + 3 * HOUR)
    alerts.tell(settings, other, NIGHT + 3 * HOUR)
    assert len(mail.received) == 2, "another failure is another alert"
    alerts.watch(settings, NIGHT + 25 * HOUR)
    assert len(mail.received) == 2, "22 hours later"
    alerts.watch(settings, NIGHT + 27 * HOUR)
    alerts.tell(settings, night(State.RELEASED, ended=NIGHT + 28 * HOUR), NIGHT + 28 * HOUR)
    alerts.watch(settings, NIGHT + 29 * HOUR)

    subjects = [message["Subject"] for message in mail.received]
    assert subjects == [
        "【carestat】夜间运行出错",
        "【carestat】夜间运行出错",
        "【carestat】仍未解决：夜间运行出错",
        "【carestat】夜间运行已恢复正常，一切正常",
    ]
    first, second, third, last = mail.received
    assert first["References"] is None
    assert second["In-Reply-To"] == first["Message-ID"]
    assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
    assert last["In-Reply-To"] == third["Message-ID"]


@pytest.mark.parametrize(
    ("state", "headline"),
    [
        (State.CHECKS_FAILED, "检查未通过，新结果没有发布"),
        (State.KILLED, "夜间运行中断（进程被终止、内存不足或断电）"),
        (State.WAITED, "夜间运行没有开始：另一次运行一直占用"),
    ],
)
def test_every_bad_end_of_a_night_is_told(
    state: State, headline: str, settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    (settings.warehouse).mkdir()
    settings.released.touch()
    release = {
        "release_id": "20261120T180000Z-0123abcd",
        "released_at": "2026-11-20T18:00:00+00:00",
        "fingerprint": "f",
        "code_version": "c",
    }
    (settings.warehouse / "release.json").write_text(json.dumps(release))
    alerts.tell(settings, night(state), NIGHT)
    [posted] = web.received
    assert posted.json["headline"] == headline
    assert "在用：20261120T180000Z-0123abcd 继续服务，查询照常" in posted.json["text"]
    assert "下一步：" in posted.json["text"]


def test_good_nights_are_not_told(settings: Settings, web: WebServer, configure: Callable[..., None]) -> None:
    configure(QUIET, hook(web))
    alerts.tell(settings, night(State.RELEASED), NIGHT)
    alerts.tell(settings, night(State.NOTHING_NEW), NIGHT)
    assert web.received == []


def test_robots_get_what_their_documents_ask_for(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(
        QUIET,
        hook(web, "wecom", secret="", path="cgi-bin/webhook/send?key=robot-key-77"),
        hook(web, "dingtalk", path="robot/send?access_token=robot-key-78"),
        hook(web, "feishu", path="open-apis/bot/v2/hook/robot-key-79"),
    )
    long = tuple(Failure(f"step_{n}", "出" * 150) for n in range(12))
    web.answers = [(200, '{"errcode": 0, "code": 0}')] * 3

    told = alerts.tell(settings, night(State.FAILED, *long), NIGHT)

    assert told.unsent == ()
    by_path = {urlsplit(posted.path).path: posted for posted in web.received}
    wecom = by_path["/cgi-bin/webhook/send"].json
    assert wecom["msgtype"] == "text"
    assert len(wecom["text"]["content"].encode()) <= 2048
    assert wecom["text"]["content"].startswith("【carestat】夜间运行出错\n")
    assert "下一步：carestat status" in wecom["text"]["content"]
    dingtalk = by_path["/robot/send"]
    query = parse_qs(urlsplit(dingtalk.path).query)
    [stamp], [sign] = query["timestamp"], query["sign"]
    assert (query["access_token"], len(stamp)) == (["robot-key-78"], 13)
    assert base64.b64decode(sign) == hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), "sha256")
    assert dingtalk.json["text"]["content"].count("\n") < 15
    feishu = by_path["/open-apis/bot/v2/hook/robot-key-79"].json
    assert (feishu["msg_type"], len(feishu["timestamp"])) == ("text", 10)
    key = f"{feishu['timestamp']}\n{SECRET}".encode()
    assert base64.b64decode(feishu["sign"]) == hmac.digest(key, b"", "sha256")
    assert "夜间运行出错" in feishu["content"]["text"]


REFUSALS: dict[str, tuple[list[tuple[int, str] | None], str, int]] = {
    "a robot's refusal": ([(200, '{"errcode": 310000, "errmsg": "sign not match, key=robot-key-77"}')], "310000", 1),
    "no robot at all": ([(200, "<html>")], "不是机器人", 1),
    "moved": ([(302, "")], "地址已改", 1),
    "forbidden": ([(403, "")], "HTTP 403", 1),
    "busy three times": ([(503, "")] * 3, "HTTP 503", 3),
    "no answer": ([None] * 3, "超时", 3),
}


@pytest.mark.parametrize("case", sorted(REFUSALS))
def test_what_a_web_server_did_not_take_is_kept_and_goes_with_the_next_look(
    case: str,
    settings: Settings,
    web: WebServer,
    configure: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    configure(QUIET, hook(web, "dingtalk"))
    web.answers, says, attempts = list(REFUSALS[case][0]), *REFUSALS[case][1:]

    told = alerts.tell(settings, BROKEN, NIGHT)

    [(channel, headline, answer)] = told.unsent
    assert (channel, headline) == ("dingtalk", "夜间运行出错")
    assert says in answer
    assert len(web.received) == attempts
    assert any("未送出 1 条" in line for line in alerts.status_lines(settings))
    output = capfd.readouterr()
    everything = output.out + output.err + caplog.text + (settings.var / "alerts" / "state.json").read_text()
    assert "告警未送出" in output.err
    for secret in ("robot-key-77", SECRET, TOKEN):
        assert secret not in everything + repr(told)

    web.answers = [(200, '{"errcode": 0}')]
    again = alerts.watch(settings, NIGHT + HOUR)
    assert len(again.sent) == 1
    assert "夜间运行出错" in web.received[-1].json["text"]["content"]
    assert alerts.watch(settings, NIGHT + 2 * HOUR).sent == ()


def test_what_passes_by_itself_is_tried_again_at_once(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    web.answers = [(500, ""), (200, "{}")]
    assert alerts.tell(settings, BROKEN, NIGHT).unsent == ()
    assert web.received[0].body == web.received[1].body, "the same id, so that it can be told from another alert"


def test_nothing_is_posted_where_the_certificate_is_not_trusted(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web).replace('ca_file = "CA_FILE"', ""))
    [(_, _, answer)] = alerts.tell(settings, BROKEN, NIGHT).unsent
    assert "证书不可信" in answer and "ca_file" in answer
    assert web.received == []


def test_a_server_that_is_down_gets_everything_once_it_is_up(
    settings: Settings, authority: Authority, configure: Callable[..., None]
) -> None:
    web, mail = WebServer(authority, port=free_port()), MailServer(authority, port=free_port())
    configure(QUIET, hook(web), box(mail))
    told = alerts.tell(settings, BROKEN, NIGHT)
    assert [answer.partition("，")[0] for _, _, answer in told.unsent] == ["连不上", "连不上"]
    with web, mail:
        assert len(alerts.watch(settings, NIGHT + HOUR).sent) == 2
    assert web.received[0].json["at_beijing"] == "2026-11-22 02:14", "when it happened, not when it was sent"
    assert mail.received[0]["Date"].datetime == NIGHT


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


def test_a_login_that_is_refused_says_so_and_not_the_password(
    settings: Settings, mail: MailServer, configure: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    configure(QUIET, box(mail, password="wrong-password"))
    [(_, _, answer)] = alerts.tell(settings, BROKEN, NIGHT).unsent
    assert "登录被拒（535）" in answer and "password" in answer
    assert mail.received == []
    assert "wrong-password" not in "".join(capfd.readouterr()) + answer
    configure(QUIET, box(mail))
    alerts.watch(settings, NIGHT + HOUR)
    assert len(mail.received) == 1


def test_a_password_never_goes_in_clear(
    settings: Settings, authority: Authority, configure: Callable[..., None]
) -> None:
    with MailServer(authority, offers_tls=False) as mail:
        configure(QUIET, box(mail))
        [(_, _, answer)] = alerts.tell(settings, BROKEN, NIGHT).unsent
    assert "STARTTLS" in answer
    assert mail.logins == []


def test_no_mail_where_the_certificate_is_not_trusted(
    settings: Settings, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, box(mail, trusted="no"))
    [(_, _, answer)] = alerts.tell(settings, BROKEN, NIGHT).unsent
    assert "证书不可信" in answer
    assert mail.logins == []


def test_only_a_recipient_refused_for_now_is_tried_again(
    settings: Settings, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, box(mail, '["duty@example.org", "later@example.org", "gone@example.org"]'))
    mail.refuses = {"later@example.org": 450, "gone@example.org": 550}
    [(_, _, answer)] = alerts.tell(settings, BROKEN, NIGHT).unsent
    assert "2 位收件人被拒（450、550）" in answer
    assert "example.org" not in (settings.var / "alerts" / "state.json").read_text()
    mail.refuses = {}
    alerts.watch(settings, NIGHT + HOUR)
    assert mail.recipients == [["duty@example.org"], ["later@example.org"]]


def test_a_server_that_never_answers_delays_nobody_for_long(
    settings: Settings, configure: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(post, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(
            QUIET,
            f'[[email]]\nname = "m"\nhost = "127.0.0.1"\nport = {silent.getsockname()[1]}\ntimeout_seconds = 60\n'
            'security = "none"\nsender = "a@example.org"\nrecipients = ["b@example.org"]',
        )
        [(_, _, answer)] = alerts.tell(settings, BROKEN, NIGHT).unsent
    assert "超过时限" in answer


def test_an_alert_goes_out_when_nothing_can_be_written(
    settings: Settings, web: WebServer, configure: Callable[..., None], capfd: pytest.CaptureFixture[str]
) -> None:
    configure(QUIET, hook(web))
    (settings.var / "alerts").touch()
    assert len(alerts.tell(settings, BROKEN, NIGHT).sent) == 1
    assert "告警状态写不了" in capfd.readouterr().err


def test_marts_are_stale_when_no_night_was_good_for_thirty_hours(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    alerts.tell(settings, night(State.NOTHING_NEW), NIGHT)
    alerts.watch(settings, NIGHT + 30 * HOUR)
    assert web.received == []
    alerts.watch(settings, NIGHT + 31 * HOUR)
    [stale] = web.received
    assert stale.json["headline"] == "数据已 31 小时没有经过正常的夜间运行（上限 30 小时）"
    assert "最近一次正常的夜间运行：2026-11-22 02:14（北京时间）" in stale.json["text"]
    alerts.tell(settings, night(State.NOTHING_NEW, ended=NIGHT + 32 * HOUR), NIGHT + 32 * HOUR)
    assert web.received[-1].json["headline"] == "数据更新已恢复正常，一切正常"


def test_a_disk_nearly_full_is_told_by_share_and_by_bytes(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    disk = os.statvfs(settings.var)
    free = disk.f_bavail * disk.f_frsize / 1024**3
    configure(f"[when]\ndisk_used_percent = 100\ndisk_free_gib = {free * 2}\n", hook(web))
    alerts.watch(settings, NIGHT)
    configure("[when]\ndisk_used_percent = 0.000001\ndisk_free_gib = 0\n", hook(web))
    alerts.watch(settings, NIGHT + HOUR)
    configure(QUIET, hook(web))
    alerts.watch(settings, NIGHT + 2 * HOUR)
    first, last = web.received
    assert first.json["headline"].startswith("磁盘将满：var/ 可用 ")
    assert last.json["headline"] == "磁盘已恢复正常，一切正常"


def test_late_deliveries_come_in_one_message_and_again_only_when_one_joins(
    settings: Settings, web: WebServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web))
    calendar = settings.expectations / "delivery_calendar.csv"
    # something came years ago: what fell due before the first delivery is not asked for
    first = settings.raw / "deaths" / "2020" / "500113.csv"
    first.parent.mkdir(parents=True)
    first.write_text("行政区划代码\n", encoding="utf-8")
    os.utime(first, (1_600_000_000, 1_600_000_000))
    asked = "".join(f"elderly_facilities,{code},12,1,15,5,2025-12,2025-12,\n" for code in ("500113", "500112"))
    calendar.write_text(CALENDAR + asked)
    alerts.watch(settings, NIGHT)
    alerts.watch(settings, NIGHT + HOUR)
    [posted] = web.received
    assert posted.json["headline"] == "2 份交付逾期未到（1 个来源）"
    assert "2025-12：500112、500113，应于 2026-01-15 前，最久逾期 311 天" in posted.json["text"]

    calendar.write_text(CALENDAR + asked + "deaths,500113,,3,31,0,2025,2025,\n")
    alerts.watch(settings, NIGHT + 2 * HOUR)
    assert web.received[1].json["headline"] == "3 份交付逾期未到（2 个来源），其中新增 1 份"
    assert web.received[1].json["text"].split("\n")[1].startswith("· 【新增】")

    delivered = settings.raw / "elderly_facilities" / "2025-12" / "500113.csv"
    delivered.parent.mkdir(parents=True)
    delivered.write_text("机构编号\n", encoding="utf-8")
    alerts.watch(settings, NIGHT + 3 * HOUR)
    assert len(web.received) == 2, "one less is no new alert"

    calendar.write_text("source\n")
    alerts.watch(settings, NIGHT + 4 * HOUR)
    assert len(web.received) == 2, "a calendar that cannot be read says nothing is well"
    calendar.write_text(CALENDAR)
    alerts.watch(settings, NIGHT + 5 * HOUR)
    assert web.received[2].json["headline"] == "逾期交付已恢复正常，一切正常"


def test_a_channel_hears_only_of_its_occasions(
    settings: Settings, web: WebServer, mail: MailServer, configure: Callable[..., None]
) -> None:
    configure(QUIET, hook(web), box(mail) + 'occasions = ["late", "disk"]\n')
    alerts.tell(settings, BROKEN, NIGHT)
    alerts.tell(settings, GOOD, NIGHT + 25 * HOUR)
    assert (len(web.received), len(mail.received)) == (2, 0)


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
