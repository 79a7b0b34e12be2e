"""Parameters over the air: what is taken, the trial, the way back, and power cuts at every byte."""

import json
import struct
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from terminal.system.download import COMPLETE, FAILED, NOTHING_NEW, PARAMETERS, DocumentDownload
from terminal.system.parameters import ParameterDocument, ParameterFault, ParameterStore

from tests.firmware.nor_flash import NorFlash, PowerCut
from tests.firmware.update_images import MODULUS, answer, signature_of

BASE: dict[str, object] = {
    "terminal_id": "T0000001",
    "merchant_id": "M1",
    "switch_host": "switch.example",
    "switch_port": 7583,
    "notice_ms": 1000,
}


def document(sequence: int, settings: object, terminal_id: str = "T0000001") -> bytes:
    body = json.dumps(settings).encode()
    head = struct.pack(">3sB8sIH", b"VPD", 1, terminal_id.ljust(8).encode(), sequence, len(body))
    return head + body + signature_of(head + body)


FIRST = document(1, {"notice_ms": 2000})
SECOND = document(2, {"notice_ms": 3000})
THIRD = document(3, {"notice_ms": 4000})


def idle() -> bool:
    return True


class Till:
    """The store of one terminal, which can be switched off and on."""

    def __init__(self) -> None:
        self.flash = NorFlash(4096, 2)
        self.store = self.again()

    def again(self) -> ParameterStore:
        self.flash.fuel = None
        self.store = ParameterStore(self.flash, BASE, MODULUS)
        return self.store

    def notice_ms(self) -> object:
        return self.again().start()["notice_ms"]

    def take(self, data: bytes) -> None:
        assert self.store.adopt(data, idle)
        assert self.notice_ms() == json.loads(data[18:-256])["notice_ms"]
        self.store.confirm()


def test_a_document_counts_from_the_next_start_and_stays_once_confirmed() -> None:
    till = Till()
    assert (till.notice_ms(), till.store.sequence) == (1000, 0)
    till.take(FIRST)
    assert [till.notice_ms() for _ in range(4)] == [2000] * 4
    till.take(SECOND)
    assert (till.notice_ms(), till.store.sequence) == (3000, 2)


def test_what_is_not_confirmed_in_two_starts_goes_back() -> None:
    till = Till()
    till.take(FIRST)
    till.store.adopt(SECOND, idle)
    assert [till.notice_ms() for _ in range(4)] == [3000, 3000, 2000, 2000]
    with pytest.raises(ParameterFault, match="sequence"):
        till.store.adopt(SECOND, idle)
    till.take(THIRD)


def test_nothing_is_taken_while_the_one_before_is_on_trial_or_the_terminal_is_busy() -> None:
    till = Till()
    assert not till.store.adopt(FIRST, lambda: False)
    assert till.notice_ms() == 1000
    till.store.adopt(FIRST, idle)
    with pytest.raises(ParameterFault, match="trial"):
        till.store.adopt(SECOND, idle)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (document(1, {"notice_ms": 2000}, "T0000002"), "terminal"),
        (document(0, {"notice_ms": 2000}), "sequence"),
        (document(1, {"notice_ms": 0}), "notice_ms"),
        (document(1, {"terminal_id": "T0000009"}), "fixed"),
        (document(1, [1]), "format"),
        (FIRST[:-1] + bytes((FIRST[-1] ^ 1,)), "signature"),
        (FIRST[:-1], "size"),
        (FIRST + b"\x00", "size"),
        (b"VPD\x02" + FIRST[4:], "format"),
        (bytes(4000), "size"),
    ],
    ids=["terminal", "sequence", "range", "fixed", "list", "signature", "short", "long", "version", "large"],
)
def test_what_is_wrong_is_refused_and_changes_nothing(data: bytes, reason: str) -> None:
    till = Till()
    with pytest.raises(ParameterFault, match=reason):
        till.store.adopt(data, idle)
    assert (till.flash.programmed, till.flash.erases) == (0, 0)


def test_a_document_for_all_is_taken() -> None:
    Till().take(document(1, {"notice_ms": 2500}, ""))


@given(st.binary(max_size=600))
def test_any_bytes_are_refused(data: bytes) -> None:
    for given_bytes in (data, FIRST[:18] + data):
        with pytest.raises(ParameterFault):
            ParameterDocument(given_bytes, MODULUS, "T0000001")


@pytest.mark.parametrize("torn", [None, 0x00, 0xA5], ids=["clean", "zeros", "garbage"])
def test_a_power_cut_leaves_the_old_or_the_new_settings(torn: int | None) -> None:
    steps: list[Callable[[ParameterStore], object]] = [
        lambda store: store.adopt(SECOND, idle),
        lambda store: store.start(),
        lambda store: store.confirm(),
    ]
    fuel = 0
    was_cut = True
    while was_cut:
        till = Till()
        till.take(FIRST)
        till.flash.torn = torn
        till.flash.fuel = fuel
        was_cut = False
        try:
            for step in steps:
                step(till.store)
        except PowerCut:
            was_cut = True
        found = till.notice_ms()
        assert found in (2000, 3000)
        assert was_cut or found == 3000
        # Whatever happened, the confirmed ones are there to go back to, and a later document is taken.
        if was_cut and found == 3000:
            till.store.confirm()
        till.take(THIRD)
        fuel += 37
    assert fuel > 4000


def fetch(download: DocumentDownload, data: bytes) -> int:
    for _ in range(20):
        if download.take(answer(data, download.question())):
            break
    state: int = download.state
    return state


def test_a_document_is_fetched_once() -> None:
    data = document(1, {"merchant_name_en": "x" * 30, "notice_ms": 2000})
    download = DocumentDownload(PARAMETERS)
    assert fetch(download, data) == COMPLETE
    Till().take(bytes(download.content))
    assert fetch(DocumentDownload(PARAMETERS, download.digest), data) == NOTHING_NEW


def test_what_is_too_large_for_memory_is_not_fetched() -> None:
    download = DocumentDownload(PARAMETERS)
    assert (fetch(download, bytes(4097)), download.reason) == (FAILED, "size")


def test_a_switch_that_refuses_for_a_while_is_asked_again() -> None:
    download = DocumentDownload(PARAMETERS)
    for _ in range(7):
        assert download.take({39: "91"}) == 0
    assert download.take({39: "91"}) == FAILED
    assert DocumentDownload(PARAMETERS).take({39: "12"}) == FAILED
    assert DocumentDownload(PARAMETERS).take({39: "25"}) == NOTHING_NEW


def test_a_switch_that_answers_something_else_is_given_up() -> None:
    download = DocumentDownload(PARAMETERS)
    first = answer(bytes(1200), download.question())
    assert [download.take(first) for _ in range(9)] == [0] * 8 + [FAILED]


@given(st.binary(max_size=300))
def test_any_answer_is_taken_or_ends_the_download(private: bytes) -> None:
    download = DocumentDownload(PARAMETERS)
    for _ in range(3):
        download.take({39: "00", 48: private})
    assert len(download.content) <= 4096
