"""Messages to receivers that really listen: signed, enciphered, grouped, tried again, given up."""

import json
import ssl
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import standardwebhooks

from switch.console.alarms.courier import TRIES_MAX, Courier, Undelivered, wait_s
from switch.console.alarms.grouping import TOLD_MAX, Group, Grouping
from switch.console.alarms.plan import load_plan
from switch.console.alarms.records import Record, What
from tests.switch.console.alarms.receivers import WAIT_S, http_receiver, mail_server
from tests.switch.links.certificates import Certificates

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
NOW_MS = 1_790_000_000_000
RAISED = Record(NOW_MS, What.RAISED, "link-down", "north", "warning", 1)
CLEARED = Record(NOW_MS + 1000, What.CLEARED, "link-down", "north", "warning", 0)
GROUP = Group((RAISED, CLEARED), 0)


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.touch(mode=0o600)
    path.write_text(SECRET)
    return path


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "alarms.toml"
    path.write_text('switch = "north switch"\n' + text, "utf-8")
    return path


def server_context(certificates: Certificates) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(*certificates.make("localhost", is_server=True))
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


class Receiver:
    """A channel that takes nothing until it is told to; for the order of things alone."""

    name = "kept"

    def __init__(self, faults: int = 0) -> None:
        self.faults = faults
        self.groups: list[tuple[Group, str]] = []

    def deliver(self, group: Group, message_id: str) -> None:
        self.groups.append((group, message_id))
        if len(self.groups) <= self.faults:
            raise Undelivered("not now")


@pytest.mark.parametrize("is_enciphered", [False, True], ids=["plain", "tls"])
def test_a_webhook_verifies_by_the_schemes_own_library(
    tmp_path: Path, secret_file: Path, is_enciphered: bool
) -> None:
    certificates = Certificates(tmp_path / "issuer")
    with http_receiver(server_context(certificates) if is_enciphered else None) as posts:
        ca = f'ca_file = "{certificates.ca}"' if is_enciphered else ""
        text = f'[[webhooks]]\nname = "duty"\nurl = "{posts.url}"\nsecret_file = "{secret_file}"\n{ca}'
        channel = load_plan(written(tmp_path, text)).receivers[0].channel
        channel.deliver(GROUP, "msg_1")
        post = posts.taken[0]
    standardwebhooks.Webhook(SECRET).verify(post.body, post.headers)
    assert post.path == "/alarms?for=duty" and post.headers["webhook-id"] == "msg_1"
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(SECRET).verify(post.body.replace(b"raised", b"rinsed"), post.headers)
    told = json.loads(post.body)
    assert (told["type"], told["data"]["switch"]) == ("switch.alarms", "north switch")
    assert [
        (each["what"], each["rule"], each["subject"], each["value"]) for each in told["data"]["alarms"]
    ] == [
        ("raised", "link-down", "north", 1),
        ("cleared", "link-down", "north", 0),
    ]
    assert told["data"]["alarms"][0]["title"]["fa"].startswith("پیوندی")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_only_an_answer_of_200_to_299_has_taken_it(tmp_path: Path, secret_file: Path, status: int) -> None:
    with http_receiver() as posts:
        posts.answers.append(status)
        text = f'[[webhooks]]\nname = "duty"\nurl = "{posts.url}"\nsecret_file = "{secret_file}"'
        channel = load_plan(written(tmp_path, text)).receivers[0].channel
        with pytest.raises(Undelivered, match=f"status {status}"):
            channel.deliver(GROUP, "msg_1")


@pytest.mark.parametrize("host", ["a..example", "x" * 64 + ".example"], ids=["empty label", "long label"])
def test_a_name_that_is_none_ends_no_courier(tmp_path: Path, secret_file: Path, host: str) -> None:
    text = (
        f'[[webhooks]]\nname = "duty"\nurl = "https://{host}/"\nsecret_file = "{secret_file}"\n'
        f'[[mails]]\nname = "office"\nhost = "{host}"\nsender = "a@b"\nto = ["a@b"]'
    )
    for receiver in load_plan(written(tmp_path, text)).receivers:
        with pytest.raises((Undelivered, OSError)):
            receiver.channel.deliver(GROUP, "msg_1")


def test_a_stranger_with_another_certificate_gets_nothing(tmp_path: Path, secret_file: Path) -> None:
    strangers, own = Certificates(tmp_path / "stranger"), Certificates(tmp_path / "issuer")
    with http_receiver(server_context(strangers)) as posts:
        text = (
            f'[[webhooks]]\nname = "duty"\nurl = "{posts.url}"\nsecret_file = "{secret_file}"\n'
            f'ca_file = "{own.ca}"'
        )
        channel = load_plan(written(tmp_path, text)).receivers[0].channel
        with pytest.raises(ssl.SSLError):
            channel.deliver(GROUP, "msg_1")
        assert not posts.taken


def mail_text(port: int, more: str) -> str:
    return (
        f'[[mails]]\nname = "office"\nhost = "127.0.0.1"\nport = {port}\nsender = "switch@club.example"\n'
        f'to = ["duty@club.example", "office@club.example"]\n{more}'
    )


def test_a_mail_in_persian_goes_out_enciphered_and_logged_in(tmp_path: Path, secret_file: Path) -> None:
    certificates = Certificates(tmp_path / "issuer")
    with mail_server(server_context(certificates), SECRET) as box:
        login = f'username = "switch"\npassword_file = "{secret_file}"'
        more = f'language = "fa"\nca_file = "{certificates.ca}"\n{login}'
        channel = load_plan(written(tmp_path, mail_text(box.port, more))).receivers[0].channel
        channel.deliver(GROUP, "msg_2")
        envelope = box.taken[0]
    assert envelope.is_enciphered and envelope.credentials == ("switch", SECRET)
    assert len(envelope.receivers) == 2
    mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=default)
    assert mail["Message-ID"] == "<msg_2@club.example>" and mail["Auto-Submitted"] == "auto-generated"
    assert mail["Subject"] == "[north switch] 1 برخاست، 1 برطرف شد"
    content = mail.get_content()
    assert "پیوندی که سوئیچ برقرار می‌کند قطع است: \u2066north\u2069 (هشدار)" in content
    assert "dialled_down last = 1" in content and SECRET not in content


def test_a_mail_in_english_says_what_to_do(tmp_path: Path) -> None:
    with mail_server() as box:
        channel = load_plan(written(tmp_path, mail_text(box.port, 'security = "none"'))).receivers[0].channel
        channel.deliver(Group((RAISED,), 3), "msg_3")
        mail = message_from_bytes(box.taken[0].content, _class=EmailMessage, policy=default)
    assert mail["Subject"] == "[north switch] 1 raised, 0 cleared"
    assert "3 more before these" in mail.get_content() and "Call whoever runs it" in mail.get_content()


def test_a_mail_server_that_refuses_is_tried_again_but_not_for_some_of_the_receivers(tmp_path: Path) -> None:
    with mail_server() as box:
        channel = load_plan(written(tmp_path, mail_text(box.port, 'security = "none"'))).receivers[0].channel
        box.greetings.append(b"554 no")
        with pytest.raises(Undelivered, match="code 554"):
            channel.deliver(GROUP, "msg_4")
        box.refused.add("office@club.example")
        channel.deliver(GROUP, "msg_4")
        assert len(box.taken) == 1
        box.refused.add("duty@club.example")
        with pytest.raises(OSError, match="550"):
            channel.deliver(GROUP, "msg_4")


def test_a_server_without_starttls_gets_neither_mail_nor_password(tmp_path: Path, secret_file: Path) -> None:
    with mail_server(password=SECRET) as box:
        more = f'username = "switch"\npassword_file = "{secret_file}"'
        channel = load_plan(written(tmp_path, mail_text(box.port, more))).receivers[0].channel
        with pytest.raises(OSError, match="STARTTLS"):
            channel.deliver(GROUP, "msg_5")
        assert not box.taken


def courier(channel: Receiver, *, wait_s: float = 0.0, apart_s: float = 0.0) -> Courier:
    ids = iter(range(1000))
    return Courier(
        channel, Grouping(wait_s, apart_s), lambda: f"msg_{next(ids)}", lambda _tries, _jitter: 0.0
    )


def test_a_message_is_tried_again_under_the_same_id() -> None:
    channel = Receiver(faults=3)
    under = courier(channel)
    under.put([RAISED])
    wait_for(lambda: under.standing().delivered == 1)
    assert [message_id for _, message_id in channel.groups] == ["msg_0"] * 4
    assert under.standing().failed_tries == 3 and under.standing().given_up == 0


def test_a_message_is_given_up_in_the_end() -> None:
    channel = Receiver(faults=TRIES_MAX)
    under = courier(channel)
    under.put([RAISED])
    wait_for(lambda: under.standing().given_up == 1)
    under.put([CLEARED])
    wait_for(lambda: under.standing().delivered == 1)
    assert len(channel.groups) == TRIES_MAX + 1


def test_the_waits_between_tries_grow_to_a_bound() -> None:
    assert [wait_s(tries, 0.0) for tries in (1, 2, 3, 9, 10, 1000)] == [1, 2, 4, 256, 300, 300]
    assert wait_s(3, 1.0) == 2


def test_a_receiver_that_hangs_holds_up_nobody(tmp_path: Path, secret_file: Path) -> None:
    with http_receiver() as posts:
        posts.may_answer.clear()
        text = f'[[webhooks]]\nname = "duty"\nurl = "{posts.url}"\nsecret_file = "{secret_file}"'
        channel = load_plan(written(tmp_path, text)).receivers[0].channel
        under = Courier(channel, Grouping(0, 0), lambda: "msg_6")
        under.put([RAISED])
        assert posts.is_hanging.wait(WAIT_S)
        started = time.monotonic()
        for _ in range(1000):
            under.put([CLEARED])
        under.end()
        under.join(0.05)
        assert time.monotonic() - started < 2
        posts.may_answer.set()
        assert len(posts.wait(2)) == 2
        second = json.loads(posts.taken[1].body)["data"]
        assert (len(second["alarms"]), second["more"]) == (TOLD_MAX, 1000 - TOLD_MAX)


def test_a_storm_sends_one_message_and_what_is_left_another() -> None:
    under = Grouping(5, 60)
    for number in range(3 * TOLD_MAX):
        under.put(RAISED._replace(at_ms=number), 100 + number / 100)
    assert under.waits_s(100) == 5 and under.take(104.9) is None
    group = under.take(105)
    assert group is not None and len(group.records) == TOLD_MAX and group.more == 2 * TOLD_MAX
    assert group.records[-1].at_ms == 3 * TOLD_MAX - 1
    under.put(CLEARED, 110)
    assert under.waits_s(110) == 55 and under.take(164.9) is None
    assert under.take(165) == Group((CLEARED,), 0)
    assert under.take(1000) is None and under.waits_s(1000) is None
    under.put(RAISED, 1000)
    assert under.waits_s(1000) == 5


def test_the_end_sends_what_waits_at_once() -> None:
    channel = Receiver()
    under = courier(channel, wait_s=3600)
    under.put([RAISED, CLEARED])
    under.end()
    under.join(WAIT_S)
    assert [group.records for group, _ in channel.groups] == [(RAISED, CLEARED)]


def test_the_end_waits_for_no_further_try() -> None:
    channel = Receiver(faults=1)
    under = Courier(channel, Grouping(0, 0), lambda: "msg_7", lambda _tries, _jitter: 3600.0)
    under.put([RAISED])
    wait_for(lambda: under.standing().failed_tries == 1)
    under.end()
    under.join(WAIT_S)
    assert len(channel.groups) == 2
