"""What moves in the ledger: transfers between accounts and the lots behind them, and their bytes."""

import struct
from enum import IntEnum
from typing import NamedTuple

# Index of a grant or transfer that isn't there; the real ones count from 0.
NO_GRANT = 255
NO_TRANSFER = 255
TRANSFERS_MAX = 255


class Reason(IntEnum):
    """Why a transfer was made."""

    EARN = 1
    SPEND = 2
    REVERSE = 3
    RETURN = 4
    EXPIRE = 5
    TRANSFER = 6
    CONVERT = 7
    ADJUST = 8
    LOAD = 9
    HOLD = 10
    RELEASE = 11
    COST = 12


class Stage(IntEnum):
    """POSTED moves at once. PENDING holds an amount; POST_PENDING and VOID_PENDING settle parts of a hold."""

    POSTED = 1
    PENDING = 2
    POST_PENDING = 3
    VOID_PENDING = 4


class Transfer(NamedTuple):
    """One immutable movement: `amount` from the debit to the credit account (flat account numbers).

    `grant` is the place in the entry's grants of the one that it carries out, NO_GRANT where it's none.
    `undoes` numbers the transfer that this one gives back (see `transfer_number`), `origin` the PENDING one
    that this one settles; 0 where it's none.
    """

    purse: int
    debit: int
    credit: int
    amount: int
    reason: Reason
    grant: int = NO_GRANT
    stage: Stage = Stage.POSTED
    undoes: int = 0
    origin: int = 0


class LotMove(NamedTuple):
    """What an entry adds to one lot of an account; times are UTC seconds, both 0 for debt.

    `transfer` is the place of the transfer that it belongs to, NO_TRANSFER where a lot just changes.
    The lots that a spending came from are its transfer's moves of negative `delta`.
    """

    transfer: int
    account: int
    available_from_s: int
    expires_at_s: int
    delta: int


_TRANSFER = struct.Struct(">BQQQBBBQQ")
_LOT_MOVE = struct.Struct(">BQQQq")

# Looked up rather than called: an enum's call costs more than all else of a transfer.
_REASONS = {int(reason): reason for reason in Reason}
_STAGES = {int(stage): stage for stage in Stage}


def transfer_number(position: int, index: int) -> int:
    """Number of a transfer for ever: its entry's position and its place in it."""
    return position << 8 | index


def transfer_position(number: int) -> int:
    """Position of the entry that a transfer number lies in."""
    return number >> 8


def pack_transfers(transfers: tuple[Transfer, ...]) -> bytes:
    """At most TRANSFERS_MAX transfers; more raise ValueError."""
    if len(transfers) > TRANSFERS_MAX:
        raise ValueError("too many transfers for one entry")
    return b"".join([bytes((len(transfers),)), *[_TRANSFER.pack(*transfer) for transfer in transfers]])


def unpack_transfers(body: bytes, offset: int) -> tuple[tuple[Transfer, ...], int]:
    """Transfers at an offset and the offset behind them."""
    count, offset = body[offset], offset + 1
    if not count:
        return (), offset
    transfers = []
    for _ in range(count):
        purse, debit, credit, amount, reason, grant, stage, undoes, origin = _TRANSFER.unpack_from(
            body, offset
        )
        transfers.append(
            Transfer(purse, debit, credit, amount, _REASONS[reason], grant, _STAGES[stage], undoes, origin)
        )
        offset += _TRANSFER.size
    return tuple(transfers), offset


def pack_lot_moves(moves: tuple[LotMove, ...]) -> bytes:
    """Any number of lot moves up to 65,535."""
    return b"".join([len(moves).to_bytes(2, "big"), *[_LOT_MOVE.pack(*move) for move in moves]])


def unpack_lot_moves(body: bytes, offset: int) -> tuple[tuple[LotMove, ...], int]:
    """Lot moves at an offset and the offset behind them."""
    count = body[offset] << 8 | body[offset + 1]
    offset += 2
    if not count:
        return (), offset
    end = offset + count * _LOT_MOVE.size
    return tuple(map(LotMove._make, _LOT_MOVE.iter_unpack(_within(body, offset, end)))), end


def _within(body: bytes, start: int, end: int) -> bytes:
    if end > len(body):
        raise ValueError("list runs over the end")
    return body[start:end]
