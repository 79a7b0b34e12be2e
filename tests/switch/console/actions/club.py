"""A club whose switch takes orders, and how they are given."""

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

from protocol.codec import decode
from tests.switch.conftest import CARD, HOST, SPEC, TERMINAL, Connect, Link, SwitchProcess
from tests.switch.console.people import ROLES, Answer, Browser, Document, code_now, put_users, user_of

WAIT_S = 60
# What each action wants, where it wants anything.
ARGUMENTS: dict[str, dict[str, str]] = {
    "close-link": {"link": "terminals"},
    "open-link": {"link": "terminals"},
    "close-terminal": {"terminal_id": TERMINAL},
    "open-terminal": {"terminal_id": TERMINAL},
    "rotate-key": {"terminal_id": TERMINAL},
    "block-card": {"card_number": CARD},
    "unblock-card": {"card_number": CARD},
}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ask(person: Browser, action: str, **arguments: str) -> Answer:
    return person.post(f"/console/actions/{action}", {"arguments": arguments})


def confirm(person: Browser, action: str, code: object, **arguments: str) -> Answer:
    return person.post(f"/console/actions/{action}", {"arguments": arguments, "confirmation": code})


def order(person: Browser, action: str, **arguments: str) -> Document:
    """Ask, confirm, and what came of it."""
    asked = ask(person, action, **arguments)
    assert asked.status == 200, asked
    done = confirm(person, action, asked.document["confirmation"], **arguments)
    assert done.status == 200, done
    return done.document


def facts(answer: Answer) -> dict[str, object]:
    found = cast(list[dict[str, object]], answer.document["facts"])
    return {str(fact["name"]): fact["value"] for fact in found}


def ended(person: Browser, began: Document) -> Document:
    """The end of a lengthy order."""

    def found() -> list[Document]:
        told = cast(list[Document], person.ask("GET", "/console/actions").document["orders"])
        return [each for each in told if each["began"] == began["position"]]

    assert began["outcome"] == "begun"
    wait_for(lambda: bool(found()))
    return found()[0]


def english(carried: Document) -> str:
    return cast(dict[str, str], carried["told"])["en"]


def orders(switch: SwitchProcess) -> list[Document]:
    return [line for line in switch.feed() if line["kind"] == "order"]


def sales(switch: SwitchProcess) -> list[Document]:
    return [line for line in switch.feed() if line["kind"] == "transaction"]


class Club:
    """A switch with a shop, a member, and one person of each role."""

    def __init__(self, switch: SwitchProcess, connect: Connect, rules_file: Path | None = None) -> None:
        self.switch = switch
        put_users(switch, *[user_of(role, role) for role in ROLES])
        self._connect = connect
        self.start(rules_file)
        self.sign_host_on()
        assert self.host.make_terminal().fields[39] == "00"
        self.host.make_member()

    def start(self, rules_file: Path | None = None) -> None:
        # Codes that were used stay used up.
        (self.switch.directory / "keys/console-users.json.codes").unlink(missing_ok=True)
        if rules_file is None:
            self.switch.start()
        else:
            self.switch.start(rules_file=rules_file)
        self._in: dict[str, Browser] = {}

    def restart(self, rules_file: Path | None = None) -> None:
        """As after a power cut."""
        self.switch.kill()
        self.start(rules_file)

    def sign_host_on(self) -> None:
        """Over a new link."""
        self.host = self.link()
        self.host.sign_on(HOST)

    def link(self) -> Link:
        return self._connect(self.switch)

    def person(self, role: str) -> Browser:
        if role not in self._in:
            code = code_now() if role == "supervisor" else ""
            self._in[role] = Browser(self.switch).log_in(role, code)
        return self._in[role]

    @property
    def viewer(self) -> Browser:
        return self.person("viewer")

    @property
    def operator(self) -> Browser:
        return self.person("operator")

    @property
    def supervisor(self) -> Browser:
        return self.person("supervisor")

    def sale(self) -> str:
        """Response code of a sale over a new link."""
        link = self.link()
        link.send(link.network())
        reply = link.receive()
        if reply.fields[39] == "00":
            reply = link.call(link.purchase(1_000_000))
        link.close()
        return str(reply.fields[39])


@contextlib.contextmanager
def standing(directory: Path) -> Iterator[Club]:
    """A club for many tests."""
    switch = SwitchProcess(directory)
    with contextlib.ExitStack() as stack:

        def connect(process: SwitchProcess) -> Link:
            link = Link(process.terminals)
            stack.callback(link.close)
            return link

        try:
            yield Club(switch, connect)
        finally:
            if switch.running:
                switch.kill()


def code_with_new_key(club: Club) -> str:
    """Response code of a sale under the second generation of the terminal's key."""
    link = club.link()
    mac = link.mac(TERMINAL, 2)
    code = ""
    for message in (link.network(), link.purchase(1_000_000)):
        link.send(message, mac)
        payload = link.receive_payload()
        assert payload is not None and mac.verify(payload)
        code = str(decode(SPEC, payload).fields[39])
    link.close()
    return code
