"""Files for terminals: whose file comes, what of it, and what the switch refuses to give out."""

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.codec import decode, encode_sealed
from protocol.message import Message, Value
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from switch.authoriser.request import FileAction, Identity
from switch.downloads.desk import INQUIRIES_MAX, FileDesk, FileInquiry
from switch.downloads.library import FILE_BYTES_MAX, PART_BYTES_MAX, Library, LibraryFault
from switch.fleet.health import HealthBook
from switch.gate.deferred import Deferred
from switch.gate.exchange import Exchange, Now
from switch.gate.link import LinkState
from switch.ledger.state import State
from switch.ledger.stores import Engine
from switch.metrics.store import Metrics
from tests.protocol.golden_vectors import MASTER_KEY
from tests.switch.engines.two_switches import HOST, KEYRING, SPEC

AT = Now(1_792_000_000_000, 1_792_000_000.0)
ME = HOST.terminal_id


def put(path: Path, content: bytes) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(content)
    fresh.replace(path)
    return content


def test_the_most_specific_file_comes(tmp_path: Path) -> None:
    library = Library(tmp_path)
    assert library.part("T0000001", "PARAMETERS", "", 0) is None
    put(tmp_path / "groups.toml", b'pilot = ["T0000001", "T0000002"]\nlater = ["T0000002"]')
    for folder, content in (("all", b"all"), ("groups/pilot", b"pilot"), ("terminals/T0000001", b"own")):
        put(tmp_path / folder / "PARAMETERS", content)
    expected = {"T0000001": b"own", "T0000002": b"pilot", "T0000003": b"all"}
    for terminal_id, content in expected.items():
        part = library.part(terminal_id, "PARAMETERS", "", 0)
        assert part is not None
        assert part == (content, len(content), hashlib.sha256(content).digest())
    put(tmp_path / "groups.toml", b"")
    part = library.part("T0000002", "PARAMETERS", "", 0)
    assert part is not None and part.content == b"all"


def test_a_board_gets_its_own_firmware_or_none(tmp_path: Path) -> None:
    put(tmp_path / "all" / "FIRMWARE.rp2", b"rp2")
    library = Library(tmp_path)
    part = library.part("T0000001", "FIRMWARE", "rp2", 0)
    assert part is not None and part.content == b"rp2"
    assert library.part("T0000001", "FIRMWARE", "unix", 0) is None
    assert library.part("T0000001", "FIRMWARE", "", 0) is None


def test_a_file_comes_in_bounded_parts_and_a_replaced_one_has_another_digest(tmp_path: Path) -> None:
    content = put(tmp_path / "all" / "OFFLINE", os.urandom(1200))
    library = Library(tmp_path)
    parts = [library.part("T0000001", "OFFLINE", "", offset) for offset in (0, 512, 1024, 1200, 9999)]
    assert b"".join(part.content for part in parts if part) == content
    assert max(len(part.content) for part in parts if part) == PART_BYTES_MAX
    put(tmp_path / "all" / "OFFLINE", b"x" * 1200)
    again = library.part("T0000001", "OFFLINE", "", 512)
    assert again is not None and again.digest == hashlib.sha256(b"x" * 1200).digest()


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=8), st.text(max_size=8))
def test_nothing_outside_the_directory_is_given_out(
    tmp_path_factory: pytest.TempPathFactory, terminal_id: str, variant: str
) -> None:
    home = tmp_path_factory.getbasetemp() / "outside"
    put(home / "terminals" / "OFFLINE", b"secret")
    put(home / "FIRMWARE", b"secret")
    library = Library(home / "files")
    for name in (terminal_id, "..", ".", "../..", "/", "a/b", ""):
        assert library.part(name, "OFFLINE", variant, 0) is None
        assert library.part(name, "FIRMWARE", "../FIRM", 0) is None


@pytest.mark.parametrize(
    "groups",
    [b"pilot = 3", b'pilot = ["../x"]', b'"../x" = ["T0000001"]', b"pilot = [1]", b"= nonsense", b"\xff"],
    ids=["number", "terminal", "name", "numbers", "syntax", "utf8"],
)
def test_wrong_groups_are_told_and_nothing_is_given_out(tmp_path: Path, groups: bytes) -> None:
    put(tmp_path / "groups.toml", groups)
    put(tmp_path / "all" / "OFFLINE", b"all")
    with pytest.raises(LibraryFault, match=r"groups\.toml"):
        Library(tmp_path).part("T0000001", "OFFLINE", "", 0)


def test_a_file_that_is_too_large_is_not_given_out(tmp_path: Path) -> None:
    put(tmp_path / "all" / "OFFLINE", b"")
    os.truncate(tmp_path / "all" / "OFFLINE", FILE_BYTES_MAX + 1)
    with pytest.raises(LibraryFault, match="bytes"):
        Library(tmp_path).part("T0000001", "OFFLINE", "", 0)


def asked(action: str = "5", offset: str | bytes = "00000000") -> FileAction:
    return FileAction(Identity("T0000001", 1, 1, bytes(16)), action, "OFFLINE", None, (("DF57", offset),))


def test_no_more_questions_are_under_way_than_the_bound(tmp_path: Path) -> None:
    desk = FileDesk(Library(tmp_path))
    taken = [desk.take(asked()) for _ in range(INQUIRIES_MAX)]
    refused = desk.take(asked())
    assert not isinstance(refused, FileInquiry) and refused.response_code == "91"
    first = taken[0]
    assert isinstance(first, FileInquiry)
    first.work()
    assert desk.finish(first).response_code == "25"
    assert isinstance(desk.take(asked()), FileInquiry)


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (asked("1"), "12"),
        (asked("3"), "12"),
        (asked(offset=b"\x00"), "27"),
        (asked(offset="99999999"), "27"),
        (asked()._replace(record=()), "27"),
    ],
    ids=["put", "delete", "bytes", "beyond", "missing"],
)
def test_wrong_questions_are_refused(tmp_path: Path, request_: FileAction, code: str) -> None:
    reply = FileDesk(Library(tmp_path)).take(request_)
    assert not isinstance(reply, FileInquiry) and reply.response_code == code


class Counter:
    """A switch in this process that has files, and somebody who has signed on."""

    def __init__(self, directory: Path | None) -> None:
        self.health = HealthBook()
        self.state = State(HOST, Engine.PYTHON)
        desk = FileDesk(None if directory is None else Library(directory))
        self.exchange = Exchange(SPEC, self.state, KEYRING, Metrics(), downloads=desk, health=self.health)
        self.link = LinkState(0.0)
        self.link.sign_on(ME)
        self._stan = 0

    def ask(self, mti: str, fields: dict[int, Value]) -> Message:
        self._stan += 1
        identity: dict[int, Value] = {7: "1014175320", 11: f"{self._stan:06d}", 41: ME}
        mac = Mac(derive_terminal_key(MASTER_KEY, ME, 1))
        given = encode_sealed(SPEC, Message(mti, {**identity, **fields}), mac)
        reply = self.exchange.serve(self.link, given, AT)
        if isinstance(reply, Deferred):
            reply.work()
            reply = reply.finish(AT)
        assert isinstance(reply, bytes)
        assert mac.verify(reply[2:])
        return decode(SPEC, reply[2:])

    def fetch(self, name: str, offset: int) -> Message:
        return self.ask("0300", {91: "5", 101: name, 120: {"DF57": f"{offset:08d}"}})


def test_a_part_comes_sealed_and_nothing_is_journaled(tmp_path: Path) -> None:
    content = put(tmp_path / "all" / "PARAMETERS", bytes(700))
    counter = Counter(tmp_path)
    answer = counter.fetch("PARAMETERS", 512)
    assert answer.text(39) == "00"
    assert answer.tags(48) == {
        "DF57": "00000512",
        "DF58": "00000700",
        "DF59": content[512:],
        "DF5A": hashlib.sha256(content).digest(),
    }
    assert (counter.state.position, counter.exchange.take_staged()) == (0, [])
    assert counter.fetch("PARAMETERS", 700).tags(48).keys() == {"DF57", "DF58", "DF5A"}
    assert counter.fetch("OFFLINE", 0).text(39) == "25"


def test_a_whole_part_fits_the_largest_message(tmp_path: Path) -> None:
    put(tmp_path / "all" / "PARAMETERS", bytes(FILE_BYTES_MAX))
    part = Counter(tmp_path).fetch("PARAMETERS", 0).tags(48)["DF59"]
    assert part == bytes(PART_BYTES_MAX)


def test_a_switch_without_files_has_none() -> None:
    assert Counter(None).fetch("FIRMWARE", 0).text(39) == "25"


def test_a_terminal_that_has_not_signed_on_gets_nothing(tmp_path: Path) -> None:
    put(tmp_path / "all" / "OFFLINE", b"all")
    counter = Counter(tmp_path)
    counter.link.sign_off(ME, 1.0)
    assert counter.fetch("OFFLINE", 0).text(39) == "58"


def test_health_comes_with_an_echo(tmp_path: Path) -> None:
    counter = Counter(tmp_path)
    assert counter.ask("0800", {70: "301", 48: {"DF5C": bytes.fromhex("0101050b00")}}).text(39) == "00"
    health = counter.health.of(ME)
    assert health is not None and health.told == {"boots": 5, "rule_table_version": 0}
    assert counter.ask("0800", {70: "301", 48: {"DF5C": b"\x01"}}).text(39) == "30"
    assert counter.health.of(ME) == health
