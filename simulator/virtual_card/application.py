"""The card application as a card: a command APDU in, a response APDU out (ISO/IEC 7816-4)."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap

from protocol.card_application import layout
from protocol.card_application.faults import CardFault
from protocol.card_application.keys import wrapping_key
from protocol.card_application.layout import Instruction, Status
from protocol.card_application.records import Identity, counter_of
from protocol.card_application.session import Meeting, SecureMessages, answer_check, equal, proof_check
from simulator.virtual_card.memory import CardMemory, PowerLost
from simulator.virtual_card.store import CardStore

_APDU_LONGEST = 261


@dataclass(frozen=True, slots=True)
class _Command:
    header: bytes
    data: bytes
    answer_bytes: int | None  # Le, 256 for 00; None if no answer is awaited

    @classmethod
    def parse(cls, apdu: bytes) -> "_Command | None":
        """The four cases of short APDUs (ISO/IEC 7816-3 clause 12.1); None for anything else."""
        header, rest = apdu[:4], apdu[4:]
        if len(header) < 4 or len(apdu) > _APDU_LONGEST:
            return None
        if not rest:
            return cls(header, b"", None)
        if len(rest) == 1:
            return cls(header, b"", rest[0] or 256)
        length = rest[0]
        if length == 0 or len(rest) not in (1 + length, 2 + length):
            return None
        expected = (rest[-1] or 256) if len(rest) == 2 + length else None
        return cls(header, rest[1 : 1 + length], expected)

    @property
    def place(self) -> int:
        """P1-P2."""
        return int.from_bytes(self.header[2:4])


class _Refused(Exception):  # noqa: N818  (becomes a status word)
    def __init__(self, status: int) -> None:
        self.status = status


class CardApplication:
    """One card. `random_bytes` is the source of its challenges, `historical` what its answer to reset says.

    After `power_off`, or a write that was torn, only `power_on` is of use.
    """

    def __init__(self, memory: CardMemory, random_bytes: Callable[[int], bytes]) -> None:
        self._store = CardStore(memory)
        self._random_bytes = random_bytes
        self._powered = False
        self._selected = False
        self._meeting: Meeting | None = None
        self._secure: SecureMessages | None = None

    def power_on(self) -> None:
        """Reset, cold or warm: nothing of a session is left."""
        self._powered = True
        self._selected = False
        self._end_session()

    def power_off(self) -> None:
        """The card is out of the reader."""
        self._powered = False

    def exchange(self, apdu: bytes) -> bytes:
        """The response APDU. Raises PowerLost if the card is torn out meanwhile, or has no power."""
        if not self._powered:
            raise PowerLost
        try:
            return self._answer(apdu)
        except PowerLost:
            self._powered = False
            raise

    def _answer(self, apdu: bytes) -> bytes:
        command = _Command.parse(apdu)
        if command is None:
            return Status.WRONG_LENGTH.to_bytes(2)
        try:
            data = self._perform(command)
        except _Refused as refused:
            return refused.status.to_bytes(2)
        # Only a command that changes nothing is asked again with the right length.
        if not command.data and data and command.answer_bytes not in (256, len(data)):
            return (Status.WRONG_ANSWER_LENGTH + len(data)).to_bytes(2)
        return data + Status.DONE.to_bytes(2)

    def _perform(self, command: _Command) -> bytes:
        kind, instruction = command.header[0], command.header[1]
        if kind == layout.CLASS_PLAIN and instruction == Instruction.SELECT:
            return self._select(command)
        if kind not in (layout.CLASS_PLAIN, layout.CLASS_SECURE):
            raise _Refused(Status.UNKNOWN_CLASS)
        if not self._selected:
            raise _Refused(Status.NOT_NOW)
        if kind == layout.CLASS_SECURE:
            return self._perform_secured(command)
        match instruction:
            case Instruction.READ_RECORD:
                return self._read_identity(command)
            case Instruction.INTERNAL_AUTHENTICATE:
                return self._prove_card(command)
            case Instruction.EXTERNAL_AUTHENTICATE:
                return self._check_terminal(command)
            case Instruction.UPDATE_RECORD | Instruction.PUT_DATA:
                raise _Refused(Status.NOT_AUTHENTICATED)
        raise _Refused(Status.UNKNOWN_INSTRUCTION)

    def _select(self, command: _Command) -> bytes:
        self._selected = False
        self._end_session()
        if command.place != layout.SELECT_BY_NAME << 8:
            raise _Refused(Status.WRONG_PLACE)
        if command.data != layout.APPLICATION_IDENTIFIER:
            raise _Refused(Status.NO_APPLICATION)
        self._selected = True
        name = bytes((layout.NAME_TAG, len(command.data))) + command.data
        version = bytes((layout.PROPRIETARY_TAG, 3, layout.VERSION_TAG, 1, layout.VERSION))
        return bytes((layout.CONTROL_TAG, len(name + version))) + name + version

    def _read_identity(self, command: _Command) -> bytes:
        number, file = _record_of(command)
        if file == layout.BALANCE_FILE:
            raise _Refused(Status.NOT_AUTHENTICATED)
        person = self._store.person()
        if file != layout.IDENTITY_FILE or number != 1 or person is None or not self._store.is_personalised:
            raise _Refused(Status.NO_RECORD)
        return person.identity

    def _prove_card(self, command: _Command) -> bytes:
        self._end_session()
        if command.place:
            raise _Refused(Status.WRONG_PLACE)
        if len(command.data) != layout.CHALLENGE_BYTES:
            raise _Refused(Status.WRONG_LENGTH)
        person = self._store.person()
        counters = self._store.counters
        if person is None or counters.sessions == layout.SESSION_COUNTER_MAXIMUM:
            raise _Refused(Status.NOT_NOW)
        counters = replace(counters, sessions=counters.sessions + 1)
        self._store.counters = counters
        card_challenge = self._random_bytes(layout.CHALLENGE_BYTES)
        meeting = Meeting(command.data, card_challenge, counters.sessions, person.identity)
        self._meeting = meeting
        counter = counters.sessions.to_bytes(layout.SESSION_COUNTER_BYTES)
        return card_challenge + counter + answer_check(person.key, meeting)

    def _check_terminal(self, command: _Command) -> bytes:
        meeting, person = self._meeting, self._store.person()
        self._end_session()
        if command.place:
            raise _Refused(Status.WRONG_PLACE)
        if len(command.data) != layout.CHECK_BYTES:
            raise _Refused(Status.WRONG_LENGTH)
        if meeting is None or person is None:
            raise _Refused(Status.NOT_NOW)
        counters = self._store.counters
        if counters.tries == 0:
            raise _Refused(Status.BLOCKED)
        # Counted before it is looked at: pulling the card out gives no further try.
        self._store.counters = replace(counters, tries=counters.tries - 1)
        if not equal(proof_check(person.key, meeting), command.data):
            raise _Refused(Status.WRONG_PROOF + counters.tries - 1)
        self._store.counters = replace(counters, tries=layout.PROOF_TRIES)
        self._meeting = meeting
        self._secure = SecureMessages(person.key, meeting)
        return b""

    def _perform_secured(self, command: _Command) -> bytes:
        secure, meeting = self._secure, self._meeting
        if secure is None or meeting is None:
            raise _Refused(Status.NOT_AUTHENTICATED)
        data, check = command.data[: -layout.CHECK_BYTES], command.data[-layout.CHECK_BYTES :]
        if not equal(secure.command_check(command.header, data), check):
            self._end_session()
            raise _Refused(Status.WRONG_CHECK)
        match command.header[1]:
            case Instruction.READ_RECORD:
                answer = self._read_balance(command, data)
            case Instruction.UPDATE_RECORD:
                answer = self._write_balance(command, data)
            case Instruction.PUT_DATA:
                answer = self._personalise(command, data, meeting)
            case _:
                raise _Refused(Status.UNKNOWN_INSTRUCTION)
        return answer + secure.response_check(answer, Status.DONE)

    def _read_balance(self, command: _Command, data: bytes) -> bytes:
        number = _balance_number(command)
        if data:
            raise _Refused(Status.WRONG_LENGTH)
        # An empty answer is checked as any other: nobody between can say that a record is not there.
        return self._store.balance(number) or b""

    def _write_balance(self, command: _Command, record: bytes) -> bytes:
        number = _balance_number(command)
        if len(record) != layout.BALANCE_RECORD_BYTES:
            raise _Refused(Status.WRONG_LENGTH)
        if not self._store.is_personalised:
            raise _Refused(Status.NOT_NOW)
        newest, highest = self._store.newest_balance()
        counter = counter_of(record)
        if counter is None or counter <= highest:
            raise _Refused(Status.WRONG_DATA)
        if number == newest:
            raise _Refused(Status.NOT_NOW)
        self._store.write_balance(number, record)
        return b""

    def _personalise(self, command: _Command, data: bytes, meeting: Meeting) -> bytes:
        if command.place != layout.PERSONALISATION_OBJECT:
            raise _Refused(Status.WRONG_PLACE)
        if len(data) != layout.IDENTITY_BYTES + layout.WRAPPED_KEY_BYTES:
            raise _Refused(Status.WRONG_LENGTH)
        person = self._store.person()
        if person is None or self._store.is_personalised:
            raise _Refused(Status.NOT_NOW)
        identity, wrapped = data[: layout.IDENTITY_BYTES], data[layout.IDENTITY_BYTES :]
        try:
            Identity.unpack(identity)
            key = aes_key_unwrap(wrapping_key(person.key, meeting.context), wrapped)
        except (CardFault, InvalidUnwrap):
            raise _Refused(Status.WRONG_DATA) from None
        self._store.personalise(identity, key)
        return b""

    def _end_session(self) -> None:
        self._meeting = None
        self._secure = None


def _record_of(command: _Command) -> tuple[int, int]:
    """P1 and P2 of READ and UPDATE RECORD: record number, file."""
    number, reference = command.header[2], command.header[3]
    if reference & 0x07 != layout.RECORD_NUMBER_IN_P1:
        raise _Refused(Status.WRONG_PLACE)
    return number, reference >> 3


def _balance_number(command: _Command) -> int:
    number, file = _record_of(command)
    if file != layout.BALANCE_FILE or not 1 <= number <= layout.BALANCE_RECORDS:
        raise _Refused(Status.NO_RECORD)
    return number
