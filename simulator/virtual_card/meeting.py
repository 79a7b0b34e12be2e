"""The terminal's side of the card application, on this machine."""

from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from protocol.card_application import keys, layout
from protocol.card_application.faults import CardFault, CardFaultCode
from protocol.card_application.layout import Instruction, Status
from protocol.card_application.records import Balance, Identity
from protocol.card_application.session import (
    ANSWER_BYTES,
    BLANK_IDENTITY,
    Meeting,
    SecureMessages,
    answer_check,
    balance_is_signed,
    equal,
    proof_check,
    signed_balance,
)

_FETCHES_MOST = 16
_BALANCE_REFERENCE = layout.BALANCE_FILE << 3 | layout.RECORD_NUMBER_IN_P1
_IDENTITY_REFERENCE = layout.IDENTITY_FILE << 3 | layout.RECORD_NUMBER_IN_P1


class CardMeeting:
    """One card from its selection on.

    Args:
        transmit: takes a command APDU, gives the response APDU with its status.
        random_bytes: the source of challenges.
    """

    def __init__(self, transmit: Callable[[bytes], bytes], random_bytes: Callable[[int], bytes]) -> None:
        self._transmit = transmit
        self._random_bytes = random_bytes
        self._meeting: Meeting | None = None
        self._secure: SecureMessages | None = None

    @property
    def sessions(self) -> int:
        """How often the card was asked to prove itself, as it said last; 0 before it was asked."""
        return self._meeting.counter if self._meeting else 0

    def select(self) -> None:
        """Raises CardFault: no_application or unknown_version."""
        self._secure = None
        header = bytes((layout.CLASS_PLAIN, Instruction.SELECT, layout.SELECT_BY_NAME, 0))
        control, status = self._send(header, layout.APPLICATION_IDENTIFIER)
        name = layout.APPLICATION_IDENTIFIER
        known = bytes((layout.NAME_TAG, len(name))) + name
        known += bytes((layout.PROPRIETARY_TAG, 3, layout.VERSION_TAG, 1))
        if status != Status.DONE or control[2:-1] != known:
            raise CardFault(CardFaultCode.NO_APPLICATION)
        if control[-1] != layout.VERSION:
            raise CardFault(CardFaultCode.UNKNOWN_VERSION)

    def read_identity(self) -> Identity | None:
        """Whose card it says that it is; None of a blank one. Raises CardFault."""
        header = bytes((layout.CLASS_PLAIN, Instruction.READ_RECORD, 1, _IDENTITY_REFERENCE))
        record, status = self._send(header)
        if status == Status.NO_RECORD:
            return None
        if status != Status.DONE:
            raise CardFault(CardFaultCode.REFUSED)
        return Identity.unpack(record)

    def authenticate(self, key: bytes, identity: Identity | None) -> None:
        """Have the card prove that it has `key`, and prove the same to the card. None: the transport key.

        Raises CardFault: not_genuine, terminal_refused, blocked or refused.
        """
        self._secure = None
        challenge = self._random_bytes(layout.CHALLENGE_BYTES)
        answer, status = self._send(_plain(Instruction.INTERNAL_AUTHENTICATE), challenge)
        if status != Status.DONE:
            raise CardFault(CardFaultCode.REFUSED)
        if len(answer) != ANSWER_BYTES:
            raise CardFault(CardFaultCode.NOT_GENUINE)
        card_challenge = answer[: layout.CHALLENGE_BYTES]
        counter = int.from_bytes(answer[layout.CHALLENGE_BYTES : -layout.CHECK_BYTES])
        raw = identity.pack() if identity else BLANK_IDENTITY
        meeting = Meeting(challenge, card_challenge, counter, raw)
        if not equal(answer_check(key, meeting), answer[-layout.CHECK_BYTES :]):
            raise CardFault(CardFaultCode.NOT_GENUINE)
        proof = proof_check(key, meeting)
        _, status = self._send(_plain(Instruction.EXTERNAL_AUTHENTICATE), proof, answer=False)
        if status == Status.BLOCKED:
            raise CardFault(CardFaultCode.BLOCKED)
        if status != Status.DONE:
            raise CardFault(CardFaultCode.TERMINAL_REFUSED)
        self._meeting = meeting
        self._secure = SecureMessages(key, meeting)

    def personalise(self, identity: Identity, card_key: bytes, transport_key: bytes) -> None:
        """Give a blank card, authenticated with its transport key, an owner and a key. Raises CardFault."""
        if self._meeting is None:
            raise CardFault(CardFaultCode.REFUSED)
        wrapping = keys.wrapping_key(transport_key, self._meeting.context)
        place = layout.PERSONALISATION_OBJECT.to_bytes(2)
        header = bytes((layout.CLASS_SECURE, Instruction.PUT_DATA)) + place
        self._send_secured(header, identity.pack() + aes_key_wrap(wrapping, card_key))

    def read_balance(self, balance_key: bytes) -> Balance | None:
        """The offline balance that counts, or None if there is none. Raises CardFault."""
        return max(self._balances(balance_key), key=lambda found: found[0].counter, default=(None, 0))[0]

    def write_balance(self, balance_key: bytes, balance: Balance) -> Balance:
        """Write the next balance, whose counter is set here; returns it as written. Raises CardFault."""
        found = max(self._balances(balance_key), key=lambda found: found[0].counter, default=None)
        counter, newest = (found[0].counter, found[1]) if found else (0, 0)
        written = replace(balance, counter=counter + 1)
        number = 2 if newest == 1 else 1
        header = bytes((layout.CLASS_SECURE, Instruction.UPDATE_RECORD, number, _BALANCE_REFERENCE))
        self._send_secured(header, signed_balance(balance_key, written.pack()))
        return written

    def _balances(self, balance_key: bytes) -> list[tuple[Balance, int]]:
        found = []
        for number in range(1, layout.BALANCE_RECORDS + 1):
            header = bytes((layout.CLASS_SECURE, Instruction.READ_RECORD, number, _BALANCE_REFERENCE))
            record = self._send_secured(header, b"")
            if not record:
                continue
            if len(record) != layout.BALANCE_RECORD_BYTES or not balance_is_signed(balance_key, record):
                raise CardFault(CardFaultCode.BAD_BALANCE)
            found.append((Balance.unpack(record[: layout.BALANCE_BYTES]), number))
        return found

    def _send_secured(self, header: bytes, data: bytes) -> bytes:
        secure = self._secure
        if secure is None:
            raise CardFault(CardFaultCode.REFUSED)
        answer, status = self._send(header, data + secure.command_check(header, data))
        if status != Status.DONE:
            raise CardFault(CardFaultCode.REFUSED)
        content, check = answer[: -layout.CHECK_BYTES], answer[-layout.CHECK_BYTES :]
        if not equal(secure.response_check(content, status), check):
            raise CardFault(CardFaultCode.NOT_GENUINE)
        return content

    def _send(self, header: bytes, data: bytes = b"", *, answer: bool = True) -> tuple[bytes, int]:
        """A short command; 61xx and 6Cxx are followed (ISO/IEC 7816-4 clause 5.3.4)."""
        command = header + (bytes((len(data),)) + data if data else b"")
        response = self._transmit(command + b"\x00" if answer else command)
        content = b""
        for _ in range(_FETCHES_MOST):
            if len(response) < 2:
                break
            content += response[:-2]
            first, second = response[-2:]
            if first == 0x61:
                response = self._transmit(bytes((0, Instruction.GET_RESPONSE, 0, 0, second)))
            elif first == 0x6C and answer:
                response = self._transmit(command + bytes((second,)))
            else:
                return content, int.from_bytes(response[-2:])
        raise CardFault(CardFaultCode.NO_ANSWER)


def _plain(instruction: Instruction) -> bytes:
    return bytes((layout.CLASS_PLAIN, instruction, 0, 0))
