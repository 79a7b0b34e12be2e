"""A whole PN532 between its wire and its field, and the troubles it can be told to have."""

from collections import deque
from dataclasses import dataclass
from enum import Enum

from simulator.virtual_contactless.chip import Chip, Field
from simulator.virtual_contactless.wire import ACK, ERROR, NACK, FrameReader, Kind, frame

_SAM_CONFIGURATION = 0x14


class Trouble(Enum):
    """What goes wrong with one command."""

    NONE = "none"
    DROP_COMMAND = "the command is lost"
    DROP_ACK = "the ACK is lost"
    GARBLE_ACK = "a bit of the ACK turns"
    REFUSE = "a NACK in place of the ACK"
    DROP_ANSWER = "the answer is lost"
    GARBLE_ANSWER = "a bit of the answer turns"
    CUT_ANSWER = "the end of the answer is lost"
    NOISE = "noise before the answer"
    DELAY = "the answer comes late"
    SLOW = "the ACK comes late"
    ERROR = "an error frame in place of the answer"


@dataclass(frozen=True, slots=True)
class Output:
    """Bytes for the host, `delay_ms` after what came before."""

    data: bytes
    delay_ms: int = 0


class VirtualPn532:
    """Bytes from the host in, bytes to the host out.

    It sleeps until it is woken, and then hears nothing before SAMConfiguration, as the chip does after its
    power came up (UM0701-02, clause 3).

    Attributes:
        field: where cards are put.
        chip: what it does with commands.
        troubles: for the next commands, in order; afterwards all goes well.
        delay_ms: how long DELAY and SLOW are.
    """

    def __init__(self) -> None:
        self.field = Field()
        self.chip = Chip(self.field)
        self.troubles: deque[Trouble] = deque()
        self.delay_ms = 700
        self._reader = FrameReader()
        self._awake = False
        self._configured = False
        self._last = b""

    def wake(self) -> None:
        """The select line went low, or 55 came in."""
        self._awake = True

    def receive(self, data: bytes) -> list[Output]:
        """Take bytes of the host and return what the chip sends."""
        if b"\x55" in data:
            self.wake()
        if not self._awake:
            return []
        outputs: list[Output] = []
        for received in self._reader.feed(data):
            if received.kind is Kind.NACK and self._last:
                outputs.append(Output(self._last))
            elif received.kind is Kind.ACK:
                self._last = b""
            elif received.kind is Kind.COMMAND:
                outputs += self._command(received.data)
        return outputs

    def _command(self, data: bytes) -> list[Output]:
        trouble = self.troubles.popleft() if self.troubles else Trouble.NONE
        if trouble is Trouble.DROP_COMMAND or not (self._configured or data[0] == _SAM_CONFIGURATION):
            return []
        if trouble is Trouble.REFUSE:
            return [Output(NACK)]
        self._configured = True
        answer = self.chip.run(data)
        self._last = ERROR if answer is None or trouble is Trouble.ERROR else frame(answer)
        acknowledgement, sent, delay_ms, ack_delay_ms = ACK, self._last, 0, 0
        middle = len(sent) // 2
        match trouble:
            case Trouble.DROP_ACK:
                acknowledgement = b""
            case Trouble.GARBLE_ACK:
                acknowledgement = ACK[:4] + b"\xfd" + ACK[5:]
            case Trouble.DROP_ANSWER:
                sent = b""
            case Trouble.GARBLE_ANSWER:
                sent = sent[:middle] + bytes([sent[middle] ^ 0x10]) + sent[middle + 1 :]
            case Trouble.CUT_ANSWER:
                sent = sent[:middle]
            case Trouble.NOISE:
                sent = bytes.fromhex("00ff13370000ff") + sent
            case Trouble.DELAY:
                delay_ms = self.delay_ms
            case Trouble.SLOW:
                ack_delay_ms = self.delay_ms
        return [
            Output(part, wait) for part, wait in ((acknowledgement, ack_delay_ms), (sent, delay_ms)) if part
        ]
