"""How alerts go out: what robots ask for, what is tried again, and what is never sent."""

from __future__ import annotations

import base64
import hmac
import socket
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest

from pipelines.operations import alerts
from pipelines.operations.alerts import post
from pipelines.operations.outcome import Failure, State
from pipelines.settings import Settings
from tests.integration.alerts.receivers import Authority, MailServer, WebServer, free_port
from tests.integration.alerts.scene import BROKEN, HOUR, NIGHT, QUIET, SECRET, TOKEN, box, hook, night


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
    "no answer": ([None] * 3, "超时", 0),
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
    configure(QUIET, hook(web, "dingtalk"), "timeout_seconds = 1" if case == "no answer" else "")
    web.answers, says, attempts = list(REFUSALS[case][0]), *REFUSALS[case][1:]

    told = alerts.tell(settings, BROKEN, NIGHT)

    [(channel, headline, answer)] = told.unsent
    assert (channel, headline) == ("dingtalk", "夜间运行出错")
    assert says in answer
    assert attempts in (0, len(web.received)), "of what times out, none need have come"
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


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
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
