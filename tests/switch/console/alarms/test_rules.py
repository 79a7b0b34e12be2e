"""Rules as they are written: the bundled ones, what a file makes of them, and what it may not say."""

from pathlib import Path

import pytest

from switch.console.alarms.plan import load_plan
from switch.console.alarms.rules import AlarmsFault, Severity, default_rules
from switch.console.alarms.signals import Subject
from switch.secret_files import SecretFault

MAIL = '[[mails]]\nname = "a"\nhost = "x.example"\nto = ["a@b"]\n'
WHOLE = """
[[alarms]]
name = "own"
severity = "notice"
signal = "sign"
title = { fa = "الف", en = "a" }
todo = { fa = "ب", en = "b" }
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "alarms.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_bundled_rules_watch_everything_that_was_promised() -> None:
    rules = default_rules()
    watched = {rule.signal.value.name for rule in rules}
    assert watched >= {
        "declines", "terminal_silence_s", "dialled_silence_s", "reversals", "late_replies", "sync_p99_us",
        "disk_free_bytes", "feed_behind_s", "mac_failures", "repeats", "stored_requests", "dead_letters",
        "not_ready", "candidate_failures", "log_lines_dropped",
    }  # fmt: skip
    for rule in rules:
        assert any("\u0600" <= char <= "\u06ff" for char in rule.title.fa + rule.todo.fa)
        assert rule.title.en.isascii() and rule.todo.en.isascii()
    assert {rule.severity for rule in rules} == set(Severity)
    assert {Subject.CODE, Subject.LINK, Subject.TERMINAL, Subject.READER} <= {
        rule.signal.value.subject for rule in rules if rule.apart
    }


def test_a_file_changes_adds_and_switches_off(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        '[[alarms]]\nname = "slow-disk"\nabove = 5000\n[[alarms]]\nname = "slow"\nenabled = false\n'
        + WHOLE.replace('"sign"', '"dead_letters"\nabove = 3'),
    )
    rules = {rule.name: rule for rule in load_plan(path).rules}
    defaults = {rule.name: rule for rule in default_rules()}
    assert rules["slow-disk"] == defaults["slow-disk"].model_copy(update={"above": 5000})
    assert "slow" not in rules and rules["own"].above == 3
    assert len(rules) == len(defaults)


def test_a_file_may_do_without_the_bundled_ones(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "defaults = false\n" + WHOLE.replace('"sign"', '"answers"\ntake="sum"\nwindow_s=60\nbelow=1'),
    )
    assert [rule.name for rule in load_plan(path).rules] == ["own"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("alarms = 3", "[[alarms]]"),
        ("= 3", "no TOML"),
        ("defaults = 1", "defaults"),
        ("extra = 1", "extra"),
        ('[[alarms]]\nname = "slow"\n[[alarms]]\nname = "slow"', "alarms.1.name"),
        ("[[alarms]]\nseverity = 'notice'", "alarms.0.name"),
        ('[[alarms]]\nname = "unheard"', "alarms.unheard"),
        ('[[alarms]]\nname = "slow"\nabove = -1', "alarms.slow.above"),
        ('[[alarms]]\nname = "slow"\nbelow = 1', "above or below"),
        ('[[alarms]]\nname = "slow"\ntake = "last"', "window_s"),
        ('[[alarms]]\nname = "slow"\ntake = "sum"', "is a level"),
        ('[[alarms]]\nname = "strangers"\ntake = "mean"', "is counted"),
        ('[[alarms]]\nname = "declines"\nof = "not_ready"', "is a level"),
        ('[[alarms]]\nname = "slow"\nonly = ["a"]', "tells nothing apart"),
        ('[[alarms]]\nname = "slow"\nsignal = "nothing"', "one of"),
        ('[[alarms]]\nname = "slow"\nwindow_s = 999999', "window_s"),
        ('[[alarms]]\nname = "slow"\ntitle = { fa = "\\n", en = "a" }', "title.fa"),
        ('[[webhooks]]\nname = "a"\nurl = "http://elsewhere.example/"\nsecret_file = "s"', "https"),
        ('[[webhooks]]\nname = "a"\nurl = "https://user@x.example/"\nsecret_file = "s"', "no user"),
        (MAIL + 'security = "none"\nsender = "a@b"', "none only"),
        (MAIL + 'username = "u"\nsender = "a@b"', "belong together"),
        (MAIL + 'sender = "a@b\\nX: y"', "mails.0.sender"),
    ],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(AlarmsFault) as caught:
        load_plan(written(tmp_path, text))
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_secrets_are_for_the_owner_alone_and_never_repeated(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    text = f'[[webhooks]]\nname = "a"\nurl = "https://x.example/"\nsecret_file = "{secret}"'
    secret.touch(mode=0o600)
    secret.write_text("whsec_c2hvcnQ=")
    with pytest.raises(AlarmsFault) as short:
        load_plan(written(tmp_path, text))
    assert "c2hvcnQ" not in str(short.value)
    secret.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert [receiver.channel.name for receiver in load_plan(written(tmp_path, text)).receivers] == ["a"]
    secret.chmod(0o640)
    with pytest.raises(SecretFault):
        load_plan(written(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(AlarmsFault, match="No such file"):
        load_plan(tmp_path / "none.toml")


def test_the_example_of_the_operators_page_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = (Path(__file__).parents[4] / "docs/operator.md").read_text("utf-8")
    example = page.partition("VAFA_SWITCH_ALARMS_FILE")[2].partition("```toml\n")[2].partition("```")[0]
    monkeypatch.chdir(tmp_path)
    for name in ("duty.webhook", "mail.password"):
        path = tmp_path / "var/keys" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    plan = load_plan(written(tmp_path, example))
    rules = {rule.name: rule for rule in plan.rules}
    assert plan.wording.switch_name == "north" and len(plan.receivers) == 2
    assert rules["slow-disk"].above == 5000 and "silent-terminal" not in rules
    assert rules["pin-trouble"].only == ("55", "75")
