"""Dead letters of a live switch and a scripted partner: an operator looks, revives, discards by command."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from protocol.message import Message
from tests.switch.conftest import FEED_TOKEN, HOST, SwitchProcess
from tests.switch.upstream.scripted_partner import ScriptedPartner, upstream_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.switch.conftest import Connect, Link, SwitchAt

PATIENCE_S = 60.0
REFUSED = "12"
CARD = "6280994319752608"
MASKED_CARD = "628099******2608"


@pytest.fixture
def partner() -> Iterator[ScriptedPartner]:
    with ScriptedPartner() as found:
        yield found


@pytest.fixture
def path(tmp_path: Path, partner: ScriptedPartner) -> Path:
    return upstream_file(tmp_path, partner)


@pytest.fixture
def club(switch_at: SwitchAt, connect: Connect, path: Path) -> SwitchProcess:
    """The club's switch, its link to the partner up, with a shop."""
    found = switch_at("club").start(upstream_file=path, log_format="json")
    host = connect(found)
    host.sign_on(HOST)
    assert host.make_terminal().fields[39] == "00"
    until(found, "phase", "up")
    return found


@pytest.fixture
def till(club: SwitchProcess, connect: Connect) -> Link:
    link = connect(club)
    link.sign_on()
    return link


def until(switch: SwitchProcess, name: str, value: int | str) -> None:
    """Ask for the status until a number of the link has this value."""
    end_s = time.monotonic() + PATIENCE_S
    while switch.status()[f"upstream_{name}"] != value:
        assert time.monotonic() < end_s, switch.status()


def advise(till: Link, amount: int) -> None:
    """A sale made offline, which the switch takes on at once."""
    sale = till.purchase(amount, card=CARD)
    assert till.call(Message("0220", sale.fields)).fields[39] == "00"


def vafa(switch: SwitchProcess, *arguments: str, token: str = FEED_TOKEN) -> subprocess.CompletedProcess[str]:
    """`vafa switch dead-letters` against a switch."""
    token_file = switch.directory / "token"
    token_file.write_text(token)
    where = ("--url", switch.operations, "--token-file", str(token_file))
    return subprocess.run(
        [sys.executable, "-m", "tools.cli", "switch", "dead-letters", arguments[0], *where, *arguments[1:]],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def letters_of(switch: SwitchProcess) -> list[dict[str, Any]]:
    done = vafa(switch, "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def actions(switch: SwitchProcess, count: int) -> list[tuple[str, dict[str, Any]]]:
    """What people ordered, as the log tells it: so many orders, once they are written."""
    end_s = time.monotonic() + PATIENCE_S
    while True:
        whole = [line for line in switch.log.read_text().splitlines(keepends=True) if line.endswith("\n")]
        lines = [json.loads(line) for line in whole]
        found = [(line["text"], line["fields"]) for line in lines if line["logger"] == "switch.actions"]
        if len(found) >= count:
            assert len(found) == count
            return found
        assert time.monotonic() < end_s, found


def amounts(messages: list[Message]) -> list[int]:
    return [int(message.text(4)) for message in messages]


def test_a_letter_is_listed_shown_and_revived(
    club: SwitchProcess, till: Link, partner: ScriptedPartner
) -> None:
    partner.refuse("02", REFUSED)
    advise(till, 2_500_000)
    until(club, "queue_dead", 1)
    (letter,) = letters_of(club)
    assert {**letter, "number": 0, "queued_at": ""} == {
        "number": 0,
        "terminal": "T0000001",
        "kind": "advice",
        "mti": "0220",
        "amount": 2_500_000,
        "queued_at": "",
        "attempts": 1,
        "reason": f"refused with code {REFUSED}",
    }
    listed = vafa(club, "list").stdout.splitlines()
    assert len(listed) == 2
    assert listed[1].split()[0] == str(letter["number"])
    assert listed[1].endswith(f"2,500,000  1         refused with code {REFUSED}")

    for arguments in (("show",), ("show", "--json")):
        shown = vafa(club, *arguments, str(letter["number"]))
        assert shown.returncode == 0, shown.stderr
        assert MASKED_CARD in shown.stdout
        for secret in (CARD, CARD[6:12], "99125010000"):
            assert secret not in shown.stdout

    done = vafa(club, "revive", str(letter["number"]))
    assert (done.returncode, done.stdout) == (0, f"{letter['number']} is in the queue again\n")
    first, second = partner.wait_for("02", 2)
    assert first.fields == second.fields | {64: first.fields[64]}
    until(club, "queue_depth", 0)
    assert letters_of(club) == []
    assert vafa(club, "list").stderr == "no dead letters\n"

    told = actions(club, 7)
    assert [text for text, _ in told][-4:] == ["dead letter shown", "dead letter revived"] + [
        "dead letters listed"
    ] * 2
    (revived,) = [fields for text, fields in told if text == "dead letter revived"]
    assert revived == {
        "link": "sister",
        "number": letter["number"],
        "terminal": "T0000001",
        "mti": "0220",
        "amount": 2_500_000,
        "queued_at": letter["queued_at"],
        "attempts": 1,
        "dead_reason": f"refused with code {REFUSED}",
        "durable": True,
        "client": "127.0.0.1",
    }
    assert CARD not in club.log.read_text()


def test_a_letter_is_discarded_for_a_reason_and_stays_so(
    club: SwitchProcess, till: Link, partner: ScriptedPartner, path: Path
) -> None:
    partner.refuse("02", REFUSED, "00", REFUSED)
    advise(till, 1000)
    advise(till, 2000)
    advise(till, 3000)
    until(club, "queue_dead", 2)
    one, two = (str(letter["number"]) for letter in letters_of(club))
    page = json.loads(club.get(f"/dead-letters?after={one}&limit=1", FEED_TOKEN)[1])
    assert (page["count"], [letter["number"] for letter in page["letters"]]) == (2, [int(two)])
    assert club.get("/dead-letters?limit=1001", FEED_TOKEN)[0] == 422
    done = vafa(club, "discard", one, two, "--reason", "the shop has paid the partner")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{one} is discarded\n{two} is discarded\n"
    told = [fields for text, fields in actions(club, 4) if text == "dead letter discarded"]
    club.kill()
    assert [(str(each["number"]), each["amount"]) for each in told] == [(one, 1000), (two, 3000)]
    assert {each["discarded_for"] for each in told} == {"the shop has paid the partner"}
    club.start(upstream_file=path)
    assert club.status()["upstream_queue_dead"] == club.status()["upstream_queue_depth"] == 0
    fates = [(line["fate"], line["amount"]) for line in club.feed() if line["kind"] == "forwarded"]
    given_up = [("discarded", 1000), ("discarded", 3000)]
    assert fates == [("stored", 1000), ("stored", 2000), ("stored", 3000), *given_up]
    assert amounts(partner.wait_for("02", 3)) == [1000, 2000, 3000]


@pytest.mark.parametrize("is_killed", [False, True], ids=["goes on", "killed in between"])
def test_a_revived_letter_goes_before_the_newer_ones_of_its_terminal(
    club: SwitchProcess, till: Link, partner: ScriptedPartner, path: Path, *, is_killed: bool
) -> None:
    partner.refuse("02", REFUSED)
    advise(till, 1000)
    until(club, "queue_dead", 1)
    partner.leave()
    until(club, "phase", "down")
    advise(till, 2000)
    advise(till, 3000)
    (letter,) = letters_of(club)
    assert vafa(club, "revive", str(letter["number"])).returncode == 0
    if is_killed:
        club.kill()
        club.start(upstream_file=path)
    partner.listen()
    assert amounts(partner.wait_for("02", 4)) == [1000, 1000, 2000, 3000]
    until(club, "queue_depth", 0)


def test_a_disk_that_hangs_is_told_and_made_up_for(
    club: SwitchProcess, till: Link, partner: ScriptedPartner, path: Path
) -> None:
    partner.refuse("02", REFUSED)
    advise(till, 1000)
    until(club, "queue_dead", 1)
    assert club.process is not None
    number = str(letters_of(club)[0]["number"])
    log = (path.parent / "queue.sqlite3-wal").stat().st_size
    # Nothing may be written behind what there is: a full disk to the queue file alone.
    resource.prlimit(club.process.pid, resource.RLIMIT_FSIZE, (log, resource.RLIM_INFINITY))
    done = vafa(club, "discard", number, "--reason", "no longer wanted")
    told = "Error: discarded, but not on the disk yet: the queue file can't be written\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
    assert 'vafa_switch_store_writable{link="sister"} 0\n' in club.get("/metrics")[1].decode()
    assert actions(club, 2)[-1][1]["durable"] is False
    resource.prlimit(
        club.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    )
    until(club, "writable", value=True)
    club.kill()
    club.start(upstream_file=path)
    assert letters_of(club) == []


def test_what_is_refused(club: SwitchProcess, till: Link, partner: ScriptedPartner) -> None:
    partner.refuse("02", REFUSED)
    advise(till, 1000)
    until(club, "queue_dead", 1)
    number = str(letters_of(club)[0]["number"])
    for arguments, code, told in (
        (("show", "987654"), 1, "Error: there is no dead letter of this number\n"),
        (("revive", "987654"), 1, "Error: there is no dead letter of this number\n"),
        (("revive", str(1 << 70)), 1, f"Error: number is a number from 0 to {(1 << 63) - 1}\n"),
        (("discard", "987654", "--reason", "x"), 1, "Error: there is no dead letter of this number\n"),
        (
            ("discard", number, "--reason", " "),
            1,
            'Error: the body is {"reason": "…"} with 1 to 200 characters\n',
        ),
        (("discard", number, "--reason", "x" * 201), 1, "with 1 to 200 characters\n"),
        (("discard", number, "--reason", "x" * 5000), 1, "Error: a body has at most 4096 bytes\n"),
        (("discard", number), 2, "Missing option '--reason'.\n"),
        (("revive",), 2, "Missing argument 'NUMBER...'.\n"),
    ):
        done = vafa(club, *arguments)
        assert (done.returncode, done.stdout) == (code, ""), done.stdout
        assert done.stderr.endswith(told), done.stderr
    for command in ("list", "show", "revive"):
        arguments = (command,) if command == "list" else (command, number)
        stranger = vafa(club, *arguments, token="another-token-entirely")
        assert (stranger.returncode, stranger.stdout) == (1, "")
        assert stranger.stderr == f"Error: {club.operations} wants its own feed token: --token-file\n"
    assert [letter["attempts"] for letter in letters_of(club)] == [1]


def test_a_switch_without_a_partner_and_no_switch_at_all(switch: SwitchProcess) -> None:
    done = vafa(switch, "list")
    told = "Error: this switch has no partner's switch, and so no dead letters\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", told)
    switch.stop()
    gone = vafa(switch, "list")
    assert gone.returncode == 1
    assert gone.stderr.startswith(f"Error: no switch at {switch.operations}: ")


def test_help_names_every_action(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.cli", "switch", "dead-letters", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    for command in ("list", "show", "revive", "discard"):
        assert f"\n  {command} " in done.stdout
