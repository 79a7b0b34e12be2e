"""One connection to the switch while it lasts: sign on, change keys, echo, and ask one question at a time."""

import asyncio

from terminal.links.framing import FrameFault, FrameParser
from terminal.links.matching import Rejected, match_answer
from terminal.messages import tlv
from terminal.messages.codec import pack
from terminal.security.sealer import BY_OWN_KEY, FOREIGN, SessionFault
from terminal.system.health import HEALTH_TAG
from terminal.transactions import request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.hal.contract import Board, Stream
    from terminal.security.sealer import Sealer
    from terminal.system.clock import Clock
    from terminal.system.config import Config
    from terminal.system.health import Health
    from terminal.transactions.request import Fields

    Answer = tuple[bytes, str, Fields]

_RULES_TAG = 0xDF07
_FIRMWARE_TAG = 0xDF0A
_SWITCH_TIME_TAG = 0xDF0B
_SESSION_TAG = 0xDF30
_KEY_CHECK_TAG = 0xDF31
_SIGN_ON = "001"
_KEY_CHANGE = "101"
_ECHO = "301"
_PRIVATE_BYTES = 80  # a health record has up to 64
_NETWORK_BYTES = 160
_SECURITY_VIOLATION = "63"
# Refused undone, by a switch that has forgotten our session, or that we have signed on.
FORGOTTEN = (_SECURITY_VIOLATION, "58")


class Conversation:
    """The use of one stream. Its caller sees to it that only one question is asked at a time.

    Args:
        stream: to the switch.
        board: logs.
        config: terminal and timeouts.
        clock: set from the switch's time at sign-on.
        sealer: has the keys; a conversation begins with the terminal's own.
        next_stan: gives trace numbers.
        version: the firmware's name, sent at sign-on.
        health: told with each echo; learns the rule table that answers name.
        on_drop: told, in one word, why a payload was dropped.
        on_lost: told once, when the stream has failed or ended.
    """

    def __init__(
        self,
        stream: "Stream",
        board: "Board",
        config: "Config",
        clock: "Clock",
        *,
        sealer: "Sealer",
        next_stan: "Callable[[], int]",
        version: str,
        health: "Health",
        on_drop: "Callable[[str], None]",
        on_lost: "Callable[[], None]",
    ) -> None:
        self.lost = False
        self._stream = stream
        self._board = board
        self._config = config
        self._clock = clock
        self._sealer = sealer
        self._next_stan = next_stan
        self._version = version
        self._health = health
        self._on_drop = on_drop
        self._on_lost = on_lost
        self._settled = asyncio.Event()
        self._waiting: "tuple[str, Fields] | None" = None
        self._answer: "Answer | None" = None
        sealer.reset()
        self._receiver = asyncio.create_task(self._receive())

    async def close(self) -> None:
        """Let go of the stream."""
        self._receiver.cancel()
        # The task must have left the poller before its descriptor is closed.
        await asyncio.sleep_ms(0)
        self._stream.close()
        self._lose()

    async def ask(self, mti: str, fields: "Fields", payload: bytes, timeout_ms: int) -> "Answer | None":
        """Send a packed request under the present key, and wait for its answer, as (payload, type, fields).

        None when there was none in time, or the stream failed: the request may or may not have arrived.
        """
        if self.lost:
            return None
        self._settled.clear()
        self._answer = None
        self._waiting = (mti, fields)
        try:
            self._stream.write(self._sealed_frame(payload))
            await asyncio.wait_for(self._sent_and_settled(), timeout_ms / 1000)
        except asyncio.TimeoutError:
            pass
        except OSError:
            self._lose()
        self._waiting = None
        answer = self._answer
        self._answer = None
        return answer

    async def sign_on(self) -> bool:
        """Announce the terminal, and take over the switch's time."""
        answer = await self._network(_SIGN_ON, _FIRMWARE_TAG, self._version.encode())
        if answer is None or answer[39] != "00":
            return False
        time = tlv.find(_private(answer), _SWITCH_TIME_TAG)
        if time and len(time) == 7:
            self._clock.set_from("".join("%02x" % byte for byte in time))
        return True

    async def change_key(self) -> bool:
        """Agree on the next session's key; False when there was no answer.

        A switch that offers none, or one that does not fit, leaves the keys as they are.
        """
        sealer = self._sealer
        answer = await self._network(_KEY_CHANGE, _SESSION_TAG, tlv.digits(sealer.newest, 10))
        if answer is None:
            return False
        private = _private(answer)
        check = tlv.find(private, _KEY_CHECK_TAG)
        reason = str(answer[39])
        if reason == "00":
            reason = "no_offer"
            if check:
                try:
                    sealer.adopt(tlv.number(private, _SESSION_TAG), check)
                except SessionFault as fault:
                    reason = fault.reason
                else:
                    self._board.log("key_changed", key_id=sealer.key_id)
                    return True
        self._board.log("key_kept", key_id=sealer.key_id, reason=reason)
        return True

    async def restore(self, with_session: bool) -> bool:
        """Begin anew under the terminal's own key, with a switch that has forgotten us."""
        self._board.log("session_forgotten", key_id=self._sealer.key_id)
        self._sealer.reset()
        return await self.sign_on() and (not with_session or await self.change_key())

    async def echo(self, with_session: bool) -> bool:
        """See whether the switch is there and still knows us, and tell it how we are."""
        answer = await self._network(_ECHO, HEALTH_TAG, self._health.pack())
        if answer is None:
            return False
        return answer[39] not in FORGOTTEN or await self.restore(with_session)

    async def _network(self, code: str, tag: int = 0, content: bytes = b"") -> "Fields | None":
        fields = request.network(code, self._next_stan(), self._clock, self._config)
        if tag:
            private = bytearray(_PRIVATE_BYTES)
            fields[48] = bytes(private[: tlv.put(private, 0, tag, content)])
        buffer = bytearray(_NETWORK_BYTES)
        length = pack(buffer, "0800", fields, _blank_mac)
        payload = bytes(memoryview(buffer)[:length])
        answer = await self.ask("0800", fields, payload, self._config.response_timeout_ms)
        return answer[2] if answer else None

    def _sealed_frame(self, payload: bytes) -> bytearray:
        # Whatever sealed it when it was packed, maybe before a restart: it goes under the key of this moment.
        length = len(payload)
        packet = bytearray(2 + length)
        packet[0] = length >> 8
        packet[1] = length & 0xFF
        packet[2:] = payload
        packet[length - 6 :] = self._sealer.mac(payload, length - 8)
        return packet

    async def _sent_and_settled(self) -> None:
        await self._stream.drain()
        await self._settled.wait()

    async def _receive(self) -> None:
        try:
            parser = FrameParser()
            buffer = bytearray(256)
            view = memoryview(buffer)
            while True:
                count = await self._stream.readinto(buffer)
                if count == 0:
                    break
                for payload in parser.feed(view[:count]):
                    self._take(payload)
        except OSError:
            pass
        except FrameFault:
            self._on_drop("frame")
        except MemoryError:
            # What came can't be read now: the link begins anew, and a sale under way is taken back.
            self._on_drop("memory")
        self._lose()

    def _take(self, payload: bytes) -> None:
        sealed = self._sealer.verify(payload)
        if sealed == FOREIGN:
            self._on_drop("mac")
            return
        try:
            mti, fields = match_answer(payload, self._waiting)
        except Rejected as rejected:
            self._on_drop(rejected.reason)
            return
        # During a session the own key is good for what restores a lost one, and for telling that it is lost.
        if sealed == BY_OWN_KEY and self._sealer.key_id and fields[39] != _SECURITY_VIOLATION:
            self._on_drop("key")
            return
        self._health.learn_rules(tlv.number(_private(fields), _RULES_TAG))
        self._waiting = None
        self._answer = (payload, mti, fields)
        self._settled.set()

    def _lose(self) -> None:
        if not self.lost:
            self.lost = True
            # Told before the question is given up, so that nothing is sent into a dead link on its account.
            self._on_lost()
            self._settled.set()


def _blank_mac(_: object, __: int) -> bytes:
    return bytes(8)


def _private(fields: "Fields") -> bytes:
    private = fields.get(48, b"")
    return private if isinstance(private, bytes) else b""
