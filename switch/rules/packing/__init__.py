"""Canonical bytes of rule tables, which are journaled and hashed: equal tables have equal bytes.

A head of magic, format version, number of texts and their bytes; the texts, each with its length in two
bytes, in the order of first use; then one stream of numbers (see `integers` and `writer`). Every part has
exactly one form. Anything that this software doesn't know in full is refused: a half understood table must
not grant.
"""

import struct
from typing import Final

from switch.rules.caps import Limit
from switch.rules.packing.collector import collector_paused
from switch.rules.packing.fault import RuleTableFault
from switch.rules.packing.head_reader import (
    read_budgets,
    read_counters,
    read_groups,
    read_limits,
    read_programme,
)
from switch.rules.packing.integers import decode_integers, encode_integers
from switch.rules.packing.reader import TableReader
from switch.rules.packing.rule_reader import RuleReader
from switch.rules.packing.writer import TableWriter
from switch.rules.table import RULES_MAX, Budget, DeclaredCounter, Programme, RuleTable, StackGroup, TableRule

__all__ = ["FORMAT_VERSION", "MAGIC", "RuleTableFault", "collector_paused", "pack", "unpack"]

MAGIC: Final = b"VRUL"
FORMAT_VERSION: Final = 2

_HEAD: Final = struct.Struct(">4sHII")
_TEXT_HEAD_BYTES: Final = 2


def pack(  # noqa: PLR0917
    programme: Programme,
    groups: tuple[StackGroup, ...],
    budgets: tuple[Budget, ...],
    limits: tuple[Limit, ...],
    counters: tuple[DeclaredCounter, ...],
    rules: tuple[TableRule, ...],
) -> bytes:
    """Bytes of a table whose rules stand in evaluation order."""
    writer = TableWriter()
    writer.programme(programme)
    writer.groups(groups)
    writer.budgets(budgets)
    writer.limits(limits)
    writer.counters(counters)
    writer.numbers.append(len(rules))
    for rule in rules:
        writer.rule(rule)
    texts = []
    for text in writer.texts:
        raw = text.encode("utf-8")
        texts.append(len(raw).to_bytes(_TEXT_HEAD_BYTES, "big") + raw)
    all_texts = b"".join(texts)
    head = _HEAD.pack(MAGIC, FORMAT_VERSION, len(texts), len(all_texts))
    return head + all_texts + encode_integers(writer.numbers)


def unpack(packed: bytes) -> RuleTable:
    """The table of journaled bytes. Raises RuleTableFault for any but canonical bytes of this version."""
    try:
        with collector_paused():
            table = _unpacked(packed)
    except (struct.error, ValueError, IndexError, KeyError) as error:
        raise RuleTableFault(f"rule table is malformed: {type(error).__name__}") from None
    return table


def _unpacked(packed: bytes) -> RuleTable:
    magic, version, text_count, text_bytes = _HEAD.unpack_from(packed)
    if magic != MAGIC:
        raise RuleTableFault("not a rule table")
    if version != FORMAT_VERSION:
        raise RuleTableFault(f"rule table format {version} is unknown")
    numbers_from = _HEAD.size + text_bytes
    if numbers_from > len(packed):
        raise RuleTableFault("rule table ends within its texts")
    texts = _texts(packed[_HEAD.size : numbers_from], text_count)
    reader = TableReader(decode_integers(packed[numbers_from:]), texts)
    programme = read_programme(reader)
    groups = read_groups(reader)
    budgets = read_budgets(reader)
    limits = read_limits(reader)
    counters = read_counters(reader)
    rules = reader.parts(RULES_MAX, RuleReader(reader, len(budgets), len(groups)).rule)
    if reader.position != len(reader.numbers):
        raise RuleTableFault("bytes behind the rule table")
    if len({rule.rule_id for rule in rules}) != len(rules):
        raise RuleTableFault("rule table holds a rule twice")
    order = [(-rule.priority, rule.rule_id) for rule in rules]
    if order != sorted(order):
        raise RuleTableFault("rule table holds rules out of order")
    if reader.texts_used != len(texts):
        raise RuleTableFault("rule table holds texts that nothing uses")
    return RuleTable(programme, groups, budgets, limits, counters, rules, packed)


def _texts(raw: bytes, count: int) -> list[str]:
    texts = []
    offset = 0
    for _ in range(count):
        start = offset + _TEXT_HEAD_BYTES
        offset = start + int.from_bytes(raw[offset:start], "big")
        if offset > len(raw) or start > len(raw):
            raise RuleTableFault("rule table ends within a text")
        texts.append(raw[start:offset].decode("utf-8"))
    if offset != len(raw):
        raise RuleTableFault("bytes behind the texts of the rule table")
    if len(set(texts)) != count:
        raise RuleTableFault("rule table holds a text twice")
    return texts
