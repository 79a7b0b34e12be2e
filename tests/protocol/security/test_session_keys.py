"""Session keys: the published KDF vectors, and roll-overs that lose no message and keep no old key."""

import pytest
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocol.codec import decode, encode_sealed
from protocol.dialect import NetworkCode
from protocol.message import Message, Value
from protocol.rules_of_type import respond, validate
from protocol.security.faults import SecurityFault, SecurityFaultCode
from protocol.security.kcv import cmac_check_value
from protocol.security.key_exchange import (
    Tags,
    read_request,
    read_response,
    request_tags,
    response_tags,
)
from protocol.security.mac import Mac
from protocol.security.session_keys import (
    SESSION_COUNTER_MAXIMUM,
    KeyOffer,
    SessionKeys,
    derive_in_counter_mode,
    derive_session_key,
)
from protocol.spec import load_spec
from tests.amounts import many
from tests.protocol.security.security_vectors import Vector, octets, source, vectors

KEY = bytes(range(16))
TERMINAL = "T0000001"
DEADLINE_MS = 60_000


def sealed(mac: Mac, text: bytes = b"\x08\x00 something") -> bytes:
    return text + mac.sign(text)


def of_session(counter: int) -> bytes:
    """A payload as a peer in session `counter` seals it."""
    return sealed(Mac(derive_session_key(KEY, TERMINAL, counter) if counter else KEY))


def in_one_session(keys: SessionKeys, counter: int) -> bool:
    return keys.counter == counter and keys.next_counter is None


@pytest.mark.parametrize("vector", vectors("kdf_counter_mode"), ids=source)
def test_published_derivations(vector: Vector) -> None:
    derived = octets(vector, "derived")
    assert (
        derive_in_counter_mode(octets(vector, "key"), octets(vector, "fixed_input"), len(derived)) == derived
    )


def test_a_session_key_is_kdf_in_counter_mode() -> None:
    """SP 800-108r1 clause 4.1, written out: CMAC(key, [1] || label || 00 || context || [L])."""
    expected = CMAC(AES(KEY))
    expected.update(
        b"\x00\x00\x00\x01"
        + b"vafa session mac"
        + b"\x00"
        + b"T0000001"
        + b"\x00\x00\x00\x07"
        + b"\x00\x00\x00\x80"
    )
    assert derive_session_key(KEY, TERMINAL, 7) == expected.finalize()


def test_sessions_and_terminals_have_keys_of_their_own() -> None:
    keys = {derive_session_key(KEY, f"T{number:07d}", n) for number in range(9) for n in (1, 2, 2**32 - 1)}
    assert len(keys) == 27


@pytest.mark.parametrize("counter", [0, -1, SESSION_COUNTER_MAXIMUM + 1])
def test_there_is_no_such_session(counter: int) -> None:
    with pytest.raises(SecurityFault) as refusal:
        derive_session_key(KEY, TERMINAL, counter)
    assert refusal.value.code is SecurityFaultCode.BAD_SESSION_COUNTER


def test_both_keys_verify_until_the_peer_uses_the_new_one() -> None:
    switch = SessionKeys(KEY, TERMINAL, 3)
    offer = switch.offer(3, 0, DEADLINE_MS)
    assert (offer.counter, switch.counter, switch.next_counter) == (4, 3, 4)
    assert switch.verify(of_session(3), 10)
    assert switch.verify(of_session(3), 20)
    assert switch.verify(of_session(4), 30)
    assert in_one_session(switch, 4)
    assert switch.verify(of_session(3), 40) is None


def test_at_the_deadline_the_old_key_is_gone() -> None:
    switch = SessionKeys(KEY, TERMINAL, 3)
    switch.offer(3, 0, DEADLINE_MS)
    assert switch.verify(of_session(3), DEADLINE_MS - 1)
    assert switch.verify(of_session(3), DEADLINE_MS) is None
    assert switch.verify(of_session(4), DEADLINE_MS)


def test_an_answer_is_sealed_as_its_request_was() -> None:
    switch = SessionKeys(KEY, TERMINAL)
    switch.offer(0, 0, DEADLINE_MS)
    for counter in (0, 1):
        mac = switch.verify(of_session(counter), 1)
        assert mac is not None
        assert sealed(mac) == of_session(counter)


def test_who_sends_with_which_key() -> None:
    """The switch can't know whether its offer arrived; the terminal knows that the switch has both."""
    switch, terminal = SessionKeys(KEY, TERMINAL), SessionKeys(KEY, TERMINAL)
    terminal.adopt(switch.offer(0, 0, DEADLINE_MS), 0, DEADLINE_MS)
    assert sealed(switch.sending_mac(1)) == of_session(0)
    assert sealed(terminal.sending_mac(1)) == of_session(1)
    assert terminal.verify(sealed(switch.sending_mac(1)), 1)
    assert switch.verify(sealed(terminal.sending_mac(2)), 2)
    assert sealed(switch.sending_mac(3)) == of_session(1)
    assert terminal.next_counter == 1
    assert terminal.verify(sealed(switch.sending_mac(3)), 3)
    assert in_one_session(terminal, 1)


def test_asking_again_gives_the_same_offer() -> None:
    switch = SessionKeys(KEY, TERMINAL, 7)
    offer = switch.offer(7, 0, DEADLINE_MS)
    assert switch.offer(7, 1, 10 * DEADLINE_MS) == offer
    assert switch.verify(of_session(7), DEADLINE_MS) is None, "the first deadline stands"


def test_a_terminal_that_is_ahead_is_offered_what_it_has_not_seen() -> None:
    """A switch that restarted before the new session was used knows only the old one."""
    switch, terminal = SessionKeys(KEY, TERMINAL, 4), SessionKeys(KEY, TERMINAL, 5)
    assert switch.verify(sealed(terminal.sending_mac(0)), 0) is None
    request = sealed(terminal.exchange_mac)
    mac = switch.verify_exchange(request, 0)
    assert mac is not None
    offer = switch.offer(terminal.counter, 0, DEADLINE_MS)
    assert offer.counter == 6
    assert terminal.verify_exchange(sealed(mac), 0)
    terminal.adopt(offer, 0, DEADLINE_MS)
    assert switch.verify(sealed(terminal.sending_mac(1)), 1)


def test_a_terminal_that_has_adopted_is_not_offered_the_same_again() -> None:
    """It lost its session after it had adopted, and asks again under its own key while the offer is open."""
    switch, terminal = SessionKeys(KEY, TERMINAL), SessionKeys(KEY, TERMINAL)
    terminal.adopt(switch.offer(0, 0, DEADLINE_MS), 0, DEADLINE_MS)
    again = switch.offer(1, 1, DEADLINE_MS)
    assert again.counter == 2
    terminal.adopt(again, 1, DEADLINE_MS)
    assert terminal.verify(of_session(0), 2), "an answer that the switch has under way"
    assert switch.verify(sealed(terminal.sending_mac(2)), 2)
    assert in_one_session(switch, 2)


def test_a_repeated_answer_is_not_adopted_twice() -> None:
    terminal = SessionKeys(KEY, TERMINAL)
    offer = SessionKeys(KEY, TERMINAL).offer(0, 0, DEADLINE_MS)
    terminal.adopt(offer, 0, DEADLINE_MS)
    with pytest.raises(SecurityFault) as refusal:
        terminal.adopt(offer, 0, 9 * DEADLINE_MS)
    assert refusal.value.code is SecurityFaultCode.BAD_SESSION_COUNTER
    assert terminal.verify(of_session(0), DEADLINE_MS) is None, "the first deadline stands"


@pytest.mark.parametrize("counter", [-1, SESSION_COUNTER_MAXIMUM + 1])
def test_no_peer_is_in_such_a_session(counter: int) -> None:
    with pytest.raises(SecurityFault) as refusal:
        SessionKeys(KEY, TERMINAL).offer(counter, 0, DEADLINE_MS)
    assert refusal.value.code is SecurityFaultCode.BAD_SESSION_COUNTER


def test_only_an_exchange_may_come_under_the_terminals_own_key() -> None:
    switch = SessionKeys(KEY, TERMINAL, 2)
    assert switch.verify(of_session(0), 0) is None
    assert switch.verify_exchange(of_session(0), 0)
    assert switch.verify_exchange(sealed(Mac(bytes(16))), 0) is None


@pytest.mark.parametrize("counter", [0, 1, 2, SESSION_COUNTER_MAXIMUM + 1])
def test_an_old_offer_is_not_adopted(counter: int) -> None:
    terminal = SessionKeys(KEY, TERMINAL, 2)
    key = derive_session_key(KEY, TERMINAL, counter) if 0 < counter <= SESSION_COUNTER_MAXIMUM else KEY
    with pytest.raises(SecurityFault) as refusal:
        terminal.adopt(KeyOffer(counter, cmac_check_value(key)), 0, DEADLINE_MS)
    assert refusal.value.code is SecurityFaultCode.BAD_SESSION_COUNTER
    assert sealed(terminal.sending_mac(0)) == of_session(2)


def test_an_offer_of_another_key_is_not_adopted() -> None:
    terminal = SessionKeys(KEY, TERMINAL, 2)
    with pytest.raises(SecurityFault) as refusal:
        terminal.adopt(SessionKeys(bytes(16), TERMINAL, 2).offer(2, 0, DEADLINE_MS), 0, DEADLINE_MS)
    assert refusal.value.code is SecurityFaultCode.KEY_CHECK_FAILED
    assert terminal.next_counter is None
    assert sealed(terminal.sending_mac(0)) == of_session(2)


def test_after_the_last_session_a_new_generation_is_due() -> None:
    switch = SessionKeys(KEY, TERMINAL, SESSION_COUNTER_MAXIMUM)
    with pytest.raises(SecurityFault) as refusal:
        switch.offer(0, 0, DEADLINE_MS)
    assert refusal.value.code is SecurityFaultCode.KEYS_EXHAUSTED


class RollOvers(RuleBasedStateMachine):
    """Both ends over a link that loses and delays; an exchange may be asked for at any time.

    A message that was sent while its session was alive at the peer must be taken, whatever was lost before.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.switch = SessionKeys(KEY, TERMINAL)
        self.terminal = SessionKeys(KEY, TERMINAL)
        self.pending: list[KeyOffer] = []

    @rule(step_ms=st.integers(1, 2000))
    def time_passes(self, step_ms: int) -> None:
        self.now_ms += step_ms

    @rule(lost=st.booleans())
    def terminal_asks(self, lost: bool) -> None:
        mac = self.switch.verify_exchange(sealed(self.terminal.sending_mac(self.now_ms)), self.now_ms)
        if mac is None:  # what a terminal does that is refused
            mac = self.switch.verify_exchange(sealed(self.terminal.exchange_mac), self.now_ms)
        assert mac is not None
        presented = self.terminal.next_counter or self.terminal.counter
        offer = self.switch.offer(presented, self.now_ms, self.now_ms + 10_000)
        assert offer.counter > presented
        if not lost:
            assert self.terminal.verify_exchange(sealed(mac), self.now_ms)
            self.terminal.adopt(offer, self.now_ms, self.now_ms + 10_000)

    @rule()
    def terminal_sends(self) -> None:
        mac = self.switch.verify(sealed(self.terminal.sending_mac(self.now_ms)), self.now_ms)
        if mac is not None:
            assert self.terminal.verify(sealed(mac), self.now_ms)

    @precondition(lambda self: self.switch.next_counter is None)
    @rule()
    def switch_restarts(self) -> None:
        self.switch = SessionKeys(KEY, TERMINAL, self.switch.counter)

    @rule()
    def terminal_restarts(self) -> None:
        self.terminal = SessionKeys(KEY, TERMINAL, self.terminal.next_counter or self.terminal.counter)

    @invariant()
    def the_terminal_is_never_ahead_of_what_was_offered(self) -> None:
        known = self.switch.next_counter or self.switch.counter
        assert (self.terminal.next_counter or self.terminal.counter) <= known

    def teardown(self) -> None:
        """However it went, one exchange that arrives puts both in one session."""
        self.terminal_asks(lost=False)
        mac = self.switch.verify(sealed(self.terminal.sending_mac(self.now_ms)), self.now_ms)
        assert mac is not None
        assert self.terminal.verify(sealed(mac), self.now_ms)
        assert self.switch.counter == self.terminal.counter
        assert self.switch.next_counter is self.terminal.next_counter is None


RollOvers.TestCase.settings = settings(max_examples=many(60), stateful_step_count=25, deadline=None)
TestRollOvers = RollOvers.TestCase


@given(st.integers(0, SESSION_COUNTER_MAXIMUM), st.binary(min_size=5, max_size=5))
def test_exchange_content_round_trips(counter: int, check_value: bytes) -> None:
    assert read_request(request_tags(counter)) == counter
    offer = KeyOffer(counter, check_value)
    assert read_response(response_tags(offer)) == offer


def test_the_exchange_travels_as_0800_and_both_go_on_with_the_new_key() -> None:
    spec, now_ms = load_spec("vafa"), 0
    terminal, switch = SessionKeys(KEY, TERMINAL), SessionKeys(KEY, TERMINAL)
    base: dict[int, Value] = {7: "1121200000", 11: "000001", 41: TERMINAL, 70: NetworkCode.KEY_CHANGE.value}
    asked = Message("0800", {**base, 48: request_tags(terminal.counter)})
    request = encode_sealed(spec, asked, terminal.sending_mac(now_ms))
    assert validate(spec, decode(spec, request)) == []

    mac = switch.verify_exchange(request, now_ms)
    assert mac is not None
    offer = switch.offer(read_request(decode(spec, request).tags(48)), now_ms, DEADLINE_MS)
    answered = respond(spec, decode(spec, request), {39: "00", 48: response_tags(offer)})
    response = encode_sealed(spec, answered, mac)
    assert validate(spec, decode(spec, response)) == []

    assert terminal.verify(response, now_ms) is not None
    terminal.adopt(read_response(decode(spec, response).tags(48)), now_ms, DEADLINE_MS)
    old = encode_sealed(spec, asked, Mac(KEY))
    new = encode_sealed(spec, Message("0800", {**base, 11: "000002"}), terminal.sending_mac(now_ms))
    assert switch.verify(old, now_ms) is not None
    assert switch.verify(new, now_ms) is not None
    assert switch.verify(old, now_ms) is None


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"DF30": b"0000000001"},
        {"DF30": "1"},
        {"DF30": "000000000a"},
        {"DF30": "4294967296"},
        {"DF30": "0000000001"},
        {"DF30": "0000000001", "DF31": "12345"},
        {"DF30": "0000000001", "DF31": bytes(4)},
    ],
)
def test_exchange_content_that_is_none_is_refused(tags: Tags) -> None:
    with pytest.raises(SecurityFault) as refusal:
        read_response(tags)
    assert refusal.value.code is SecurityFaultCode.BAD_KEY_EXCHANGE


def test_nothing_that_may_be_logged_shows_a_key() -> None:
    keys = SessionKeys(KEY, TERMINAL)
    keys.offer(0, 0, DEADLINE_MS)
    assert KEY.hex() not in repr(keys)
    assert repr(KEY)[2:-1] not in repr(keys)
