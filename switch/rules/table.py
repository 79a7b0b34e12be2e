"""The immutable rule table and its canonical bytes, which are journaled and hashed.

Bytes: magic, format version, number of rules, then each rule: id, version, priority, member texts, number of
effects, each effect. Effects stand in evaluation order. Equal rules give equal bytes.
"""

import hashlib
import struct
from enum import IntEnum
from typing import NamedTuple

from switch.ledger.purses import PurseCode

FORMAT_VERSION = 1
RULES_MAX = 10_000

_MAGIC = b"VRUL"
_HEAD = struct.Struct(">4sHH")
_RULE = struct.Struct(">HH")
_EFFECT = struct.Struct(">BBBQQQQ")


class EffectType(IntEnum):
    """What an effect does."""

    EARN = 1
    TENDER = 2


class Rounding(IntEnum):
    """How a rate's fraction becomes an integer."""

    FLOOR = 1
    HALF_UP = 2
    CEIL = 3


class Effect(NamedTuple):
    """`give` units of `purse` for every `per` minor units; `maximum` 0 is no maximum."""

    type: EffectType
    purse: PurseCode
    rounding: Rounding
    give: int
    per: int
    minimum: int
    maximum: int


class TableRule(NamedTuple):
    """A rule as the evaluator sees it."""

    rule_id: str
    version: int
    priority: int
    member_text_fa: str
    member_text_en: str
    effects: tuple[Effect, ...]


class RuleTableFault(Exception):  # noqa: N818  (a fault is the field's word)
    """The bytes are no rule table that this software knows in full."""


class RuleTable:
    """Compiled rules; never changed after it is made.

    `earning` and `tenders` are what the evaluator looks up: (rule, effect) in evaluation order.
    """

    __slots__ = ("digest", "earning", "packed", "rules", "tenders")

    def __init__(self, rules: tuple[TableRule, ...]) -> None:
        # Priority first, then id: the order in which rules were written or edited means nothing.
        self.rules = tuple(sorted(rules, key=lambda rule: (-rule.priority, rule.rule_id)))
        self.packed = _pack(self.rules)
        self.digest = hashlib.sha256(self.packed).hexdigest()
        pairs = [(rule, effect) for rule in self.rules for effect in rule.effects]
        self.earning = tuple(pair for pair in pairs if pair[1].type == EffectType.EARN)
        self.tenders = {pair[1].purse: pair for pair in reversed(pairs) if pair[1].type == EffectType.TENDER}

    @classmethod
    def unpack(cls, packed: bytes) -> "RuleTable":
        """The table of journaled bytes. Raises RuleTableFault for any but canonical bytes."""
        try:
            table = cls(_unpack(packed))
        except (struct.error, ValueError, IndexError) as error:
            raise RuleTableFault(f"rule table is malformed: {type(error).__name__}") from None
        if table.packed != packed:
            raise RuleTableFault("rule table is not in canonical form")
        return table


def _pack(rules: tuple[TableRule, ...]) -> bytes:
    parts = [_HEAD.pack(_MAGIC, FORMAT_VERSION, len(rules))]
    for rule in rules:
        parts += [
            _pack_text(rule.rule_id),
            _RULE.pack(rule.version, rule.priority),
            _pack_text(rule.member_text_fa),
            _pack_text(rule.member_text_en),
            bytes((len(rule.effects),)),
        ]
        for effect in rule.effects:
            parts.append(_EFFECT.pack(*effect))
    return b"".join(parts)


def _unpack(packed: bytes) -> tuple[TableRule, ...]:
    magic, version, count = _HEAD.unpack_from(packed)
    if magic != _MAGIC:
        raise RuleTableFault("not a rule table")
    if version != FORMAT_VERSION:
        raise RuleTableFault(f"rule table format {version} is unknown")
    offset = _HEAD.size
    rules = []
    for _ in range(count):
        rule_id, offset = _unpack_text(packed, offset)
        rule_version, priority = _RULE.unpack_from(packed, offset)
        text_fa, offset = _unpack_text(packed, offset + _RULE.size)
        text_en, offset = _unpack_text(packed, offset)
        effect_count, offset = packed[offset], offset + 1
        effects = []
        for _ in range(effect_count):
            kind, purse, rounding, give, per, minimum, maximum = _EFFECT.unpack_from(packed, offset)
            if give == 0 or per == 0:
                raise RuleTableFault("rule table holds an empty rate")
            effects.append(
                Effect(EffectType(kind), PurseCode(purse), Rounding(rounding), give, per, minimum, maximum)
            )
            offset += _EFFECT.size
        rules.append(TableRule(rule_id, rule_version, priority, text_fa, text_en, tuple(effects)))
    if offset != len(packed):
        raise RuleTableFault("bytes behind the rule table")
    return tuple(rules)


def _pack_text(text: str) -> bytes:
    raw = text.encode("utf-8")
    return bytes((len(raw),)) + raw


def _unpack_text(packed: bytes, offset: int) -> tuple[str, int]:
    end = offset + 1 + packed[offset]
    if end > len(packed):
        raise RuleTableFault("rule table ends within a text")
    return packed[offset + 1 : end].decode("utf-8"), end


EMPTY_TABLE = RuleTable(())
