"""Pieces of a movement: amounts by the key of the lot that they come from or go to."""

from collections.abc import Sequence

from switch.ledger.lots import DEBT, TIME_BITS, TIME_MASK, bucket_key

Piece = tuple[int, int]


def in_order_taken(pieces: Sequence[Piece]) -> list[Piece]:
    """Pieces as a spending takes them: what expires first, and debt at the very end."""
    return sorted(pieces, key=_rank)


def cut(pieces: Sequence[Piece], skip: int, amount: int) -> list[Piece]:
    """The pieces of `amount` units behind the first `skip`. ValueError where there are fewer."""
    found = []
    for key, size in pieces:
        passed = min(skip, size)
        skip -= passed
        part = min(size - passed, amount)
        if part > 0:
            found.append((key, part))
            amount -= part
    if amount > 0 or skip > 0:
        raise ValueError("fewer units than that were taken")
    return found


def until_at_least(key: int, expires_at_s: int) -> int:
    """The key of the same lot with a longer life, where its own ends earlier. Debt has none."""
    if key == DEBT or key >> TIME_BITS >= expires_at_s:
        return key
    return bucket_key(key & TIME_MASK, expires_at_s)


def _rank(piece: Piece) -> tuple[bool, int]:
    return piece[0] == DEBT, piece[0]
