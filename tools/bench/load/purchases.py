"""Purchases prepared beforehand: framed and sealed, each with an identity of its own.

Field values are written by the codec; a message is put together from them, as all have the same fields.
"""

import random
from datetime import UTC, datetime

from protocol.codec import encode, encode_sealed
from protocol.codec.table import codec_table
from protocol.framing import frame
from protocol.message import Message
from protocol.security.keys import derive_terminal_key
from protocol.security.mac import MAC_BYTES, Mac
from protocol.spec import load_spec
from tools.bench import switch_club as club
from tools.bench.rule_workload import AMOUNT_MAX

STAN_MAX = 999_999
# Bills are many small ones and few large ones: each factor of ten has as many as the next.
_AMOUNT_MIN, _AMOUNT_STEP = 100_000, 1_000
_AMOUNT_SPAN = AMOUNT_MAX / _AMOUNT_MIN
_KEY_GENERATION = 1

SPEC = load_spec("vafa")
_FIELDS = codec_table(SPEC)


def mac_of(terminal: int) -> Mac:
    """MAC of the terminal of a number."""
    return Mac(derive_terminal_key(club.MASTER_KEY, club.terminal_id(terminal), _KEY_GENERATION))


def terminal_field(terminal: int) -> bytes:
    """Field 41 of the terminal of a number."""
    return _FIELDS.field(41).write(club.terminal_id(terminal))


def sign_on_frame(terminal: int, mac: Mac, transmitted_s: int) -> bytes:
    """Sign-on of a terminal, framed."""
    message = Message(
        "0800",
        {7: _time_text(transmitted_s), 11: f"{STAN_MAX:06d}", 41: club.terminal_id(terminal), 70: "001"},
    )
    return frame(encode_sealed(SPEC, message, mac))


def purchase_message(terminal: int, card: int, amount: int, stan: int, transmitted_s: int) -> Message:
    """A purchase read from the card's stripe."""
    return Message(
        "0200",
        {
            3: "000000",
            4: f"{amount:012d}",
            7: _time_text(transmitted_s),
            11: f"{stan:06d}",
            12: "101500",
            13: "0830",
            22: "021",
            35: f"{club.card_number(card)}=99125010000",
            41: club.terminal_id(terminal),
            42: club.merchant_id(terminal),
            49: "364",
        },
    )


class PurchaseMaker:
    """Makes frames of purchases, all of one size. Cards and amounts are drawn from a seed."""

    def __init__(self, cards: int, transmitted_s: int, seed: int) -> None:
        self._cards = cards
        self._choose = random.Random(seed)
        sample = purchase_message(0, 0, 0, 1, transmitted_s)
        payload = encode(SPEC, Message(sample.mti, {**sample.fields, 64: bytes(MAC_BYTES)}))
        written = {number: _FIELDS.field(number).write(value) for number, value in sample.fields.items()}
        head_bytes = len(payload) - MAC_BYTES - sum(map(len, written.values()))
        self._head = payload[:head_bytes] + written[3]
        self._transmission_time = written[7]
        self._local_time = written[12] + written[13] + written[22]
        self._currency = written[49]
        self._length = len(payload).to_bytes(2, "big")
        self._track = _FIELDS.field(35).write
        self._shops: dict[int, bytes] = {}
        self.frame_bytes = len(payload) + 2

    def frame(self, terminal: int, mac: Mac, stan: int) -> bytes:
        """The next purchase of a terminal."""
        draw = self._choose.random
        amount = int(_AMOUNT_MIN * _AMOUNT_SPAN ** draw()) // _AMOUNT_STEP * _AMOUNT_STEP
        card = int(draw() * self._cards)
        covered = b"".join(
            (
                self._head,
                bytes.fromhex(f"{amount:012d}"),
                self._transmission_time,
                bytes.fromhex(f"{stan:06d}"),
                self._local_time,
                self._track(f"{club.card_number(card)}=99125010000"),
                self._shops.get(terminal) or self._shop(terminal),
                self._currency,
            )
        )
        return self._length + covered + mac.sign(covered)

    def _shop(self, terminal: int) -> bytes:
        written = terminal_field(terminal) + _FIELDS.field(42).write(club.merchant_id(terminal))
        self._shops[terminal] = written
        return written


def _time_text(transmitted_s: int) -> str:
    return datetime.fromtimestamp(transmitted_s, UTC).strftime("%m%d%H%M%S")
