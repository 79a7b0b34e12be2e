"""`vafa switch user`, as it is typed."""

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner, Result

from switch.console.access.passwords import is_right
from switch.console.access.users import opened_secret, read_users
from tests.switch.conftest import MASTER_KEY
from tests.switch.console.people import KEY, PASSWORD
from tools.commands.switch import switch


@pytest.fixture
def users_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    key = tmp_path / "master.key"
    key.touch(mode=0o600)
    key.write_text(MASTER_KEY.hex())
    path = tmp_path / "keys" / "console-users.json"
    monkeypatch.setenv("VAFA_SWITCH_MASTER_KEY_FILE", str(key))
    monkeypatch.setenv("VAFA_SWITCH_CONSOLE_USERS_FILE", str(path))
    return path


def run(*arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(switch, ["user", *arguments], input=typed)


def secret_of(result: Result) -> bytes:
    import base64

    uri = next(line for line in result.output.splitlines() if line.startswith("otpauth://"))
    return base64.b32decode(parse_qs(urlsplit(uri).query)["secret"][0])


def test_people_come_and_go(users_file: Path) -> None:
    added = run("add", "sara", "--role", "supervisor", "--language", "en", typed=PASSWORD + "\n")
    assert added.exit_code == 0 and PASSWORD not in added.output
    user = read_users(users_file)["sara"]
    assert is_right(PASSWORD, user.password)
    assert opened_secret(KEY, user) == secret_of(added)
    assert run("add", "reza", typed=PASSWORD + "\r\n").exit_code == 0
    listed = [json.loads(line) for line in run("list", "--json").output.splitlines()]
    assert listed == [
        {"name": "reza", "role": "viewer", "language": "fa", "totp": False},
        {"name": "sara", "role": "supervisor", "language": "en", "totp": True},
    ]
    assert "argon2" not in run("list").output
    assert run("password", "reza", typed="another long password\n").exit_code == 0
    assert is_right("another long password", read_users(users_file)["reza"].password)
    renewed = run("totp", "sara")
    assert opened_secret(KEY, read_users(users_file)["sara"]) == secret_of(renewed) != secret_of(added)
    assert run("totp", "reza").exit_code == 0 and read_users(users_file)["reza"].code_secret
    assert run("totp", "reza", "--off").exit_code == 0
    assert read_users(users_file)["reza"].code_secret is None
    assert run("remove", "reza").exit_code == 0
    assert list(read_users(users_file)) == ["sara"]


@pytest.mark.parametrize(
    ("arguments", "typed", "told"),
    [
        (("add", "Sara"), PASSWORD, "small letters"),
        (("add", "sara"), "short", "12 characters"),
        (("add", "sara"), "", "12 characters"),
        (("remove", "nobody"), "", "no user"),
        (("password", "nobody"), PASSWORD, "no user"),
        (("totp", "nobody"), "", "no user"),
        (("totp", "nobody", "--off"), "", "no user"),
    ],
    ids=["name", "short", "empty", "remove", "password", "totp", "off"],
)
def test_what_is_wrong_is_told_in_a_line(
    users_file: Path, arguments: tuple[str, ...], typed: str, told: str
) -> None:
    result = run(*arguments, typed=typed)
    assert result.exit_code == 1
    assert told in result.output and "Traceback" not in result.output
    assert len(result.output.splitlines()) == 1
    assert not users_file.exists() or read_users(users_file) == {}


def test_a_supervisor_keeps_the_codes(users_file: Path) -> None:
    run("add", "sara", "--role", "supervisor", typed=PASSWORD)
    before = users_file.read_bytes()
    assert run("totp", "sara", "--off").exit_code == 1
    assert run("add", "sara", typed=PASSWORD).exit_code == 1
    assert users_file.read_bytes() == before
