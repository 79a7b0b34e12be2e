"""The virtual card: what it refuses, what it counts, and what is left when it is torn out."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.card_application import layout
from protocol.card_application.faults import CardFault, CardFaultCode
from protocol.card_application.layout import PROOF_TRIES, Instruction
from protocol.card_application.records import Identity
from simulator.virtual_card.application import CardApplication
from simulator.virtual_card.card import SAMPLE_TRANSPORT_KEY, new_card
from simulator.virtual_card.meeting import CardMeeting
from simulator.virtual_card.memory import CardMemory, PowerLost
from simulator.virtual_card.store import CardStore
from tests.simulator.virtual_card.issued_card import (
    BALANCE,
    BALANCE_KEY,
    CARD_KEY,
    OWNER,
    authenticated,
    issued,
    powered,
    source,
)

SELECT = bytes.fromhex("00a4040009f05641464143415244")
CHALLENGE = bytes.fromhex("0088000010") + bytes(16) + b"\x00"


def answers(card: CardApplication, *commands: str) -> list[str]:
    return [card.exchange(bytes.fromhex(command)).hex() for command in commands]


def test_select_tells_name_and_version() -> None:
    card = powered(issued())
    assert card.exchange(SELECT).hex() == "6f108409f05641464143415244a503c001019000"
    assert card.exchange(bytes.fromhex("00b2010c00")) == OWNER.pack() + b"\x90\x00"


def test_wrong_commands_have_the_status_of_the_standard() -> None:
    card = powered(issued())
    assert answers(card, "00b2010c00", "0088000010" + "00" * 16) == ["6985", "6985"]
    assert answers(card, "00a4040002f056", "00a4000009f05641464143415244") == ["6a82", "6a86"]
    card.exchange(SELECT)
    assert answers(card, "", "00", "00a4", "00a404000905", "00b2010c0000000001") == ["6700"] * 5
    assert answers(card, "80b2010c00", "0cb2010c00", "00ee0000") == ["6e00", "6e00", "6d00"]
    assert answers(card, "00b2020c00", "00b2012400", "00b2010d00", "00b2010c05") == [
        "6a83",
        "6a83",
        "6a86",
        "6c19",
    ]
    assert answers(card, "00b2011400", "04b201140800000000000000" + "0000") == ["6982", "6982"]
    assert answers(card, "00dc011400", "00da010000", "0088000004aabbccdd", "0088010010" + "00" * 16) == [
        "6982", "6982", "6700", "6a86",
    ]  # fmt: skip
    assert answers(card, "0082000008" + "00" * 8, "008200000400000000") == ["6985", "6700"]


@given(st.lists(st.one_of(st.binary(max_size=300), st.sampled_from([SELECT, CHALLENGE])), max_size=8))
def test_any_bytes_get_a_status_and_change_nobody(commands: list[bytes]) -> None:
    memory = issued()
    card = powered(memory)
    for command in commands:
        response = card.exchange(command)
        assert 2 <= len(response) <= 258
    store = CardStore(memory)
    assert store.newest_balance() == (1, 1)
    assert store.is_personalised


def test_balance_and_counter_go_on() -> None:
    memory = issued()
    for counter in (2, 3, 4):
        meeting = authenticated(powered(memory), seed=counter)
        assert meeting.write_balance(BALANCE_KEY, BALANCE).counter == counter
        assert meeting.read_balance(BALANCE_KEY).counter == counter  # type: ignore[union-attr]
    assert CardStore(memory).newest_balance() == (2, 4)


def test_an_older_balance_is_refused_and_the_newest_is_not_overwritten() -> None:
    memory = issued()
    old = CardStore(memory).balance(1)
    assert old is not None
    authenticated(powered(memory)).write_balance(BALANCE_KEY, BALANCE)
    for number in (1, 2):
        meeting = authenticated(powered(memory))
        header = bytes((4, Instruction.UPDATE_RECORD, number, 0x14))
        with pytest.raises(CardFault) as fault:
            meeting._send_secured(header, old)
        assert fault.value.code is CardFaultCode.REFUSED
    again = BALANCE.pack()[:1] + (2).to_bytes(4) + BALANCE.pack()[5:] + bytes(8)
    with pytest.raises(CardFault):
        authenticated(powered(memory))._send_secured(bytes((4, Instruction.UPDATE_RECORD, 1, 0x14)), again)
    newer = BALANCE.pack()[:1] + (9).to_bytes(4) + BALANCE.pack()[5:] + bytes(8)
    with pytest.raises(CardFault):
        authenticated(powered(memory))._send_secured(bytes((4, Instruction.UPDATE_RECORD, 2, 0x14)), newer)
    assert CardStore(memory).newest_balance() == (2, 2)


def test_a_record_of_another_version_is_refused() -> None:
    meeting = authenticated(powered(issued()))
    record = b"\x02" + (9).to_bytes(4) + BALANCE.pack()[5:] + bytes(8)
    with pytest.raises(CardFault):
        meeting._send_secured(bytes((4, Instruction.UPDATE_RECORD, 2, 0x14)), record)


def test_a_changed_command_ends_the_session() -> None:
    memory = issued()
    card = powered(memory)

    def between(apdu: bytes) -> bytes:
        if apdu[1] == Instruction.UPDATE_RECORD:
            apdu = apdu[:12] + bytes((apdu[12] ^ 1,)) + apdu[13:]
        return card.exchange(apdu)

    meeting = CardMeeting(between, source(4))
    meeting.select()
    meeting.authenticate(CARD_KEY, OWNER)
    with pytest.raises(CardFault) as fault:
        meeting.write_balance(BALANCE_KEY, BALANCE)
    assert fault.value.code is CardFaultCode.REFUSED
    with pytest.raises(CardFault):
        meeting.read_balance(BALANCE_KEY)
    assert CardStore(memory).newest_balance() == (1, 1)


def test_a_recorded_write_cannot_be_played_again() -> None:
    card = powered(issued())
    heard: list[bytes] = []

    def overheard(apdu: bytes) -> bytes:
        heard.append(apdu)
        return card.exchange(apdu)

    meeting = CardMeeting(overheard, source(4))
    meeting.select()
    meeting.authenticate(CARD_KEY, OWNER)
    meeting.write_balance(BALANCE_KEY, BALANCE)
    write = heard[-1]
    assert card.exchange(write)[-2:].hex() == "6988"
    played = [card.exchange(apdu)[-2:].hex() for apdu in heard]
    assert played == ["9000", "9000", "63c9", "6982", "6982", "6982"]


def test_wrong_proofs_are_counted_down_and_block_and_a_right_one_restores() -> None:
    memory = issued()
    card = powered(memory)
    card.exchange(SELECT)
    wrong = bytes.fromhex("0082000008") + bytes(8)
    for left in (9, 8):
        card.exchange(CHALLENGE)
        assert card.exchange(wrong).hex() == f"63c{left}"
        assert card.exchange(wrong).hex() == "6985"  # each challenge is good for one
    authenticated(card)
    for left in range(PROOF_TRIES - 1, -1, -1):
        card.exchange(CHALLENGE)
        assert card.exchange(wrong).hex() == f"63c{left}"
    card.exchange(CHALLENGE)
    assert card.exchange(wrong).hex() == "6983"
    with pytest.raises(CardFault) as fault:
        authenticated(powered(memory))
    assert fault.value.code is CardFaultCode.BLOCKED


def test_pulling_the_card_out_gives_no_further_try() -> None:
    memory = issued()
    for left in range(PROOF_TRIES - 1, -1, -1):
        card = powered(memory)
        card.exchange(SELECT)
        card.exchange(CHALLENGE)
        assert card.exchange(bytes.fromhex("0082000008") + bytes(8)).hex() == f"63c{left}"


def test_the_session_counter_never_comes_back_and_ends() -> None:
    memory = issued()
    counters = []
    for _ in range(3):
        card = powered(memory)
        card.exchange(SELECT)
        counters.append(int.from_bytes(card.exchange(CHALLENGE)[16:20]))
    assert counters == [counters[0], counters[0] + 1, counters[0] + 2]
    store = CardStore(memory)
    store.counters = type(store.counters)(layout.SESSION_COUNTER_MAXIMUM, PROOF_TRIES)
    assert card.exchange(CHALLENGE).hex() == "6985"


def test_a_card_is_personalised_once() -> None:
    memory = issued(balance=None)
    with pytest.raises(CardFault) as fault:
        authenticated(powered(memory)).personalise(OWNER, bytes(16), CARD_KEY)
    assert fault.value.code is CardFaultCode.REFUSED
    assert authenticated(powered(memory)).read_balance(BALANCE_KEY) is None


def test_a_blank_card_wants_its_transport_key_and_holds_no_balance() -> None:
    card = powered(new_card())
    meeting = CardMeeting(card.exchange, source(1))
    meeting.select()
    assert meeting.read_identity() is None
    with pytest.raises(CardFault) as fault:
        meeting.authenticate(CARD_KEY, None)
    assert fault.value.code is CardFaultCode.NOT_GENUINE
    meeting.authenticate(SAMPLE_TRANSPORT_KEY, None)
    with pytest.raises(CardFault):
        meeting.write_balance(BALANCE_KEY, BALANCE)


def test_a_key_of_another_session_is_not_unwrapped() -> None:
    card = powered(new_card())
    meeting = CardMeeting(card.exchange, source(1))
    meeting.select()
    meeting.authenticate(SAMPLE_TRANSPORT_KEY, None)
    with pytest.raises(CardFault):
        meeting.personalise(OWNER, CARD_KEY, bytes(16))
    assert meeting.read_identity() is None


def write_torn(memory: CardMemory) -> bool:
    """Whether the write was acknowledged."""
    try:
        authenticated(powered(memory)).write_balance(BALANCE_KEY, BALANCE)
    except PowerLost:
        return False
    return True


def test_torn_at_every_byte_one_balance_is_whole_and_the_next_write_works() -> None:
    before = issued().content
    whole = CardMemory(before)
    assert write_torn(whole)
    acknowledged = 0
    for cut in range(whole.written + 1):
        memory = CardMemory(before)
        memory.tear_after = cut
        done = write_torn(memory)
        acknowledged += done
        memory.tear_after = None
        meeting = authenticated(powered(memory), seed=5)
        balance = meeting.read_balance(BALANCE_KEY)
        assert balance is not None
        assert balance.counter == 2 if done else balance.counter in (1, 2)
        assert meeting.write_balance(BALANCE_KEY, BALANCE).counter == balance.counter + 1
        assert CardStore(memory).counters.tries == PROOF_TRIES
    assert acknowledged == 1


def test_torn_at_every_byte_of_its_personalisation_a_card_is_blank_or_done() -> None:
    blank = new_card().content
    finished = CardMemory(blank)
    make(finished)
    outcomes = set()
    for cut in range(finished.written + 1):
        memory = CardMemory(blank)
        memory.tear_after = cut
        with contextlib.suppress(PowerLost):
            make(memory)
        memory.tear_after = None
        meeting = CardMeeting(powered(memory).exchange, source(3))
        meeting.select()
        found = meeting.read_identity()
        outcomes.add(found)
        if found is None:
            make(memory)
        authenticated(powered(memory))
    assert outcomes == {None, OWNER}


def make(memory: CardMemory) -> None:
    meeting = CardMeeting(powered(memory).exchange, source(1))
    meeting.select()
    meeting.authenticate(SAMPLE_TRANSPORT_KEY, None)
    meeting.personalise(OWNER, CARD_KEY, SAMPLE_TRANSPORT_KEY)


def test_torn_during_a_wrong_proof_the_try_is_lost_or_was_never_made() -> None:
    before = issued().content
    proven = CardMemory(before)
    assert guess(powered(proven))
    for cut in range(proven.written):
        memory = CardMemory(before)
        memory.tear_after = cut
        with pytest.raises(PowerLost):
            guess(powered(memory))
        assert CardStore(memory).counters.tries in (PROOF_TRIES, PROOF_TRIES - 1)


def guess(card: CardApplication) -> bool:
    card.exchange(SELECT)
    card.exchange(CHALLENGE)
    return card.exchange(bytes.fromhex("0082000008") + bytes(8))[0] == 0x63


def test_a_torn_card_is_silent_until_it_is_powered_again() -> None:
    memory = issued()
    card = powered(memory)
    memory.tear_after = 0
    card.exchange(SELECT)
    with pytest.raises(PowerLost):
        card.exchange(CHALLENGE)
    memory.tear_after = None
    with pytest.raises(PowerLost):
        card.exchange(SELECT)
    card.power_on()
    assert card.exchange(SELECT)[-2:].hex() == "9000"


def test_another_version_of_the_application_is_refused() -> None:
    card = powered(issued())

    def newer(apdu: bytes) -> bytes:
        return card.exchange(apdu).replace(b"\xc0\x01\x01", b"\xc0\x01\x02")

    with pytest.raises(CardFault) as fault:
        CardMeeting(newer, source()).select()
    assert fault.value.code is CardFaultCode.UNKNOWN_VERSION


def test_a_changed_identity_is_not_genuine() -> None:
    other = Identity(OWNER.card_number, 0, 99, "4912", OWNER.key_zone, OWNER.key_generation)
    meeting = CardMeeting(powered(issued()).exchange, source())
    meeting.select()
    with pytest.raises(CardFault) as fault:
        meeting.authenticate(CARD_KEY, other)
    assert fault.value.code is CardFaultCode.NOT_GENUINE
