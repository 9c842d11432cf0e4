"""A faulty alert configuration says in two languages which key is wrong and what to do, and never shows a secret."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.operations.alerts.configuration import Configuration, configured
from pipelines.operations.alerts.secret_values import Misconfigured, hidden
from pipelines.settings import PROJECT, Settings

MAIL = """[[email]]
name = "m"
host = "smtp.example.org"
sender = "a@example.org"
recipients = ["b@example.org"]
"""
HOOK = '[[webhook]]\nname = "h"\n'
URL = 'url = "https://hook.example.org/x"\n'


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Configuration | None]:
    settings = Settings(tmp_path / "raw", tmp_path / "var", tmp_path / "dbt", tmp_path / "expectations")
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)

    def written(text: str, mode: int = 0o600, folder: Path = tmp_path) -> Configuration | None:
        folder.mkdir(exist_ok=True)
        path = folder / "alerts.toml"
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        monkeypatch.setenv("CARESTAT_ALERTS", str(path))
        return configured(settings)

    return written


FAULTS = {
    "misspelt": (MAIL + 'securety = "tls"', "email[1].securety", "没有这个设置"),
    "no recipients": (MAIL.replace('["b@example.org"]', "[]"), "email[1].recipients", "值不合要求"),
    "missing": (MAIL.replace('host = "smtp.example.org"\n', ""), "email[1].host", "缺少"),
    "not an address": (MAIL.replace("b@example.org", "somebody"), "email[1].recipients[1]", "不是邮件地址"),
    "address with a line break": (
        MAIL.replace("a@example.org", "a@example.org\\nBcc: c@example.org"),
        "sender",
        "邮件",
    ),
    "user without password": (MAIL + 'username = "u"', "email[1]", "username 与 password"),
    "password in clear": (MAIL + 'username = "u"\npassword = "s3cret"\nsecurity = "none"', "email[1]", "不得明文"),
    "Chinese password": (MAIL + 'username = "u"\npassword = "密码s3cret"', "email[1]", "ASCII"),
    "two ways": (MAIL + 'username = "u"\npassword = "s3cret"\npassword_env = "X"', "email[1].password", "只能写其一"),
    "empty variable": (MAIL + 'username = "u"\npassword_env = "CARESTAT_NO_SUCH"', "password_env", "CARESTAT_NO_SUCH"),
    "no such file": (MAIL + 'username = "u"\npassword_file = "nothing"', "email[1].password_file", "读不了"),
    "no address": (HOOK + 'url = "ftp://hook.example.org/s3cret"', "webhook[1]", "https://"),
    "robot in clear": (HOOK + 'form = "wecom"\nurl = "http://x.example.org/?key=s3cret"', "webhook[1]", "不得明文"),
    "token in clear": (HOOK + 'url = "http://x.example.org/"\ntoken = "s3cret"', "webhook[1]", "不得明文"),
    "user in the address": (HOOK + 'url = "https://u:s3cret@x.example.org/"', "webhook[1]", "用户名"),
    "signed wecom": (HOOK + URL + 'form = "wecom"\nsecret = "s3cret"', "webhook[1]", "没有签名"),
    "unknown form": (HOOK + URL + 'form = "qq"', "webhook[1].form", "值不合要求"),
    "number for a token": (HOOK + URL + "token = 12345678", "webhook[1].token", "值不合要求"),
    "unknown occasion": (HOOK + URL + 'occasions = ["nigth"]', "occasions", "值不合要求"),
    "no authority": (HOOK + URL + 'ca_file = "/nowhere.pem"', "h.ca_file", "读不了"),
    "one name twice": (MAIL + MAIL, "name", "用了两次"),
    "no list": ('email = "a@example.org"', "email", "[[email]]"),
    "not TOML": ('name = "s3cret', "CARESTAT_ALERTS", "不是 TOML"),
    "no hours": ("[when]\nstale_hours = 0", "when.stale_hours", "值不合要求"),
}


@pytest.mark.parametrize("case", sorted(FAULTS))
def test_a_fault_names_its_key_and_no_secret(case: str, read: Callable[..., Configuration | None]) -> None:
    text, key, told = FAULTS[case]
    with pytest.raises(Misconfigured) as refused:
        read(text)
    said = str(refused.value)
    assert key in said and told in said and " · " in said
    assert "s3cret" not in said
    assert refused.value.__cause__ is None


def test_without_a_configuration_nobody_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CARESTAT_ALERTS", " ")
    assert configured(Settings(tmp_path, tmp_path, tmp_path, tmp_path)) is None


def test_a_file_with_a_secret_is_the_owners_alone(read: Callable[..., Configuration | None], tmp_path: Path) -> None:
    secret = HOOK + URL
    with pytest.raises(Misconfigured, match="chmod 600"):
        read(secret, mode=0o640)
    with pytest.raises(Misconfigured, match="不得放在"):
        read(secret, folder=tmp_path / "var")
    assert read(MAIL, mode=0o644) is not None, "nothing secret in it"


def test_secrets_come_from_files_systemd_or_the_environment(
    read: Callable[..., Configuration | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARESTAT_TEST_TOKEN", "from-environment\n")
    beside, given = tmp_path / "smtp", tmp_path / "credentials" / "smtp"
    beside.write_text("beside\n")
    beside.chmod(0o644)
    text = MAIL + 'username = "u"\npassword_file = "smtp"\n' + HOOK + URL + 'token_env = "CARESTAT_TEST_TOKEN"\n'
    with pytest.raises(Misconfigured, match=r"email\[1\]\.password_file：他人可读写"):
        read(text)
    beside.chmod(0o600)
    assert read(text).email[0].password == "beside"
    given.parent.mkdir()
    given.write_text("from systemd")
    given.chmod(0o440)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given.parent))
    made = read(text)
    assert (made.email[0].password, made.webhook[0].token) == ("from systemd", "from-environment")
    assert "from systemd" not in repr(made) and "from-environment" not in repr(made)
    assert "hook.example.org" not in repr(made)


def test_the_shipped_example_is_valid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("smtp-password", "wecom-url", "dingtalk-url", "dingtalk-secret", "feishu-url", "feishu-secret"):
        (tmp_path / name).write_text("https://robot.example.org/hook" if name.endswith("url") else "secret")
    example = (PROJECT / "deploy" / "alerts.example.toml").read_text(encoding="utf-8")
    (tmp_path / "alerts.toml").write_text(example, encoding="utf-8")
    for path in tmp_path.iterdir():
        path.chmod(0o600)
    monkeypatch.setenv("CARESTAT_ALERTS", str(tmp_path / "alerts.toml"))
    monkeypatch.setenv("CARESTAT_OPS_TOKEN", "token")
    monkeypatch.setenv("CARESTAT_OPS_SECRET", "secret")
    made = configured(Settings(tmp_path / "r", tmp_path / "v", tmp_path, tmp_path))
    assert [channel.name for channel in made.channels] == [
        "企业微信值班群", "钉钉值班群", "飞书值班群", "运维平台", "值班邮箱",
    ]  # fmt: skip
    defaults = made.when
    assert (defaults.stale_hours, defaults.disk_used_percent, defaults.repeat_hours) == (30, 90, 24)


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("sign not match /send?key=robot-key-77", "https://robot.example.org/send?key=robot-key-77"),
        ("no hook 0a1b2c3d-hook", "https://robot.example.org/bot/v2/hook/0a1b2c3d-hook"),
        ("535 for s3cret-word", "s3cret-word"),
    ],
)
def test_no_part_of_a_secret_stays_in_an_answer(text: str, secret: str) -> None:
    clean = hidden(text, (secret,))
    assert "***" in clean
    assert not any(part in clean for part in ("robot-key-77", "0a1b2c3d", "s3cret"))
