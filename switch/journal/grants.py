"""What the rules decided, as an entry keeps it: grants, counter movements, basket lines; and their bytes."""

import struct
from typing import NamedTuple

from switch.journal.text_bytes import pack_text, unpack_text
from switch.rules.facts import Line
from switch.rules.outcome import (
    CounterKey,
    CounterMove,
    EffectType,
    GrantReason,
    Party,
    ReturnPolicy,
)


class GrantRecord(NamedTuple):
    """A `switch.rules.outcome.Grant` without its funding, which the transfers tell; see there."""

    rule_id: str
    version: int
    effect_index: int
    type: EffectType
    purse: int
    party: Party
    number: int
    desired: int
    granted: int
    reason: GrantReason
    basis: int
    lines: int
    available_from_s: int
    expires_at_s: int
    reference: str
    on_return: ReturnPolicy
    allow_negative: bool
    restore_budget: bool


_GRANT = struct.Struct(">IHBBBQqqBqQQQBB")
_COUNTER_MOVE = struct.Struct(">QqIqB")
_LINE = struct.Struct(">QQ")

_ALLOW_NEGATIVE, _RESTORE_BUDGET = 1, 2
_RESTORE, _IS_USE = 1, 2

# A desired amount or a basis that is greater is kept as this; what is granted never is.
_WISH_MAX = (1 << 63) - 1

_TYPES = {int(item): item for item in EffectType}
_PARTIES = {int(item): item for item in Party}
_REASONS = {int(item): item for item in GrantReason}
_POLICIES = {int(item): item for item in ReturnPolicy}


def pack_grants(grants: tuple[GrantRecord, ...]) -> bytes:
    """At most 65,535 grants; only the first 255 can be named by transfers."""
    parts = [len(grants).to_bytes(2, "big")]
    for grant in grants:
        flags = _ALLOW_NEGATIVE * grant.allow_negative | _RESTORE_BUDGET * grant.restore_budget
        parts.append(
            _GRANT.pack(
                grant.version,
                grant.effect_index,
                grant.type,
                grant.purse,
                grant.party,
                grant.number,
                min(grant.desired, _WISH_MAX),
                grant.granted,
                grant.reason,
                min(grant.basis, _WISH_MAX),
                grant.lines,
                grant.available_from_s,
                grant.expires_at_s,
                grant.on_return,
                flags,
            )
        )
        parts += (pack_text(grant.rule_id), pack_text(grant.reference))
    return b"".join(parts)


def unpack_grants(body: bytes, offset: int) -> tuple[tuple[GrantRecord, ...], int]:
    """Grants at an offset and the offset behind them."""
    count = body[offset] << 8 | body[offset + 1]
    offset += 2
    grants = []
    for _ in range(count):
        (
            version,
            effect_index,
            kind,
            purse,
            party,
            number,
            desired,
            granted,
            reason,
            basis,
            lines,
            available_from_s,
            expires_at_s,
            on_return,
            flags,
        ) = _GRANT.unpack_from(body, offset)
        rule_id, offset = unpack_text(body, offset + _GRANT.size)
        reference, offset = unpack_text(body, offset)
        grants.append(
            GrantRecord(
                rule_id,
                version,
                effect_index,
                _TYPES[kind],
                purse,
                _PARTIES[party],
                number,
                desired,
                granted,
                _REASONS[reason],
                basis,
                lines,
                available_from_s,
                expires_at_s,
                reference,
                _POLICIES[on_return],
                flags & _ALLOW_NEGATIVE != 0,
                flags & _RESTORE_BUDGET != 0,
            )
        )
    return tuple(grants), offset


def pack_counter_moves(moves: tuple[CounterMove, ...]) -> bytes:
    """At most 65,535 counter movements."""
    parts = [len(moves).to_bytes(2, "big")]
    for (counter, subject, window, drop_day), delta, restore, is_use in moves:
        flags = _RESTORE * restore | _IS_USE * is_use
        parts += (_COUNTER_MOVE.pack(subject, window, drop_day, delta, flags), pack_text(counter))
    return b"".join(parts)


def unpack_counter_moves(body: bytes, offset: int) -> tuple[tuple[CounterMove, ...], int]:
    """Counter movements at an offset and the offset behind them."""
    count = body[offset] << 8 | body[offset + 1]
    offset += 2
    moves = []
    for _ in range(count):
        subject, window, drop_day, delta, flags = _COUNTER_MOVE.unpack_from(body, offset)
        counter, offset = unpack_text(body, offset + _COUNTER_MOVE.size)
        moves.append(
            CounterMove(
                CounterKey(counter, subject, window, drop_day),
                delta,
                flags & _RESTORE != 0,
                flags & _IS_USE != 0,
            )
        )
    return tuple(moves), offset


def pack_lines(lines: tuple[Line, ...]) -> bytes:
    """At most 255 basket lines."""
    parts = [bytes((len(lines),))]
    for sku, category, labels, quantity, amount in lines:
        parts += (_LINE.pack(quantity, amount), pack_text(sku), pack_text(category), bytes((len(labels),)))
        parts += [pack_text(label) for label in labels]
    return b"".join(parts)


def unpack_lines(body: bytes, offset: int) -> tuple[tuple[Line, ...], int]:
    """Basket lines at an offset and the offset behind them."""
    count, offset = body[offset], offset + 1
    lines = []
    for _ in range(count):
        quantity, amount = _LINE.unpack_from(body, offset)
        sku, offset = unpack_text(body, offset + _LINE.size)
        category, offset = unpack_text(body, offset)
        label_count, offset = body[offset], offset + 1
        labels = []
        for _ in range(label_count):
            label, offset = unpack_text(body, offset)
            labels.append(label)
        lines.append(Line(sku, category, tuple(labels), quantity, amount))
    return tuple(lines), offset
