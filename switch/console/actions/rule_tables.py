"""Rule tables: the file's once more, or the one that was in force before."""

import asyncio
import logging
import zlib
from collections.abc import Mapping

from switch.console.actions.controls import Controls
from switch.console.actions.plan import Change, Fact, Plan, Refused, WorkFailed
from switch.console.story.titles import Words
from switch.journal.entries import Effect, EntryKind, RuleTableEntry, pack_rule_table
from switch.ledger.tables import TableInForce
from switch.publication.preparation import MakeReady, TableWork
from switch.rules.compiler import RuleFaults, load_rules
from switch.rules.table import RuleTable

_LOG = logging.getLogger("switch.console")

_FAULT_CHARACTERS_MAX = 300
_TOLD_CHARACTERS_MAX = 60
_DIGEST_DIGITS = 12


async def reload_rules(controls: Controls, _: Mapping[str, str]) -> Plan:
    """The rule file, as it is now, comes into force; also where a host had published another table."""
    try:
        table = await asyncio.to_thread(load_rules, controls.rules_file)
    except RuleFaults as faults:
        first = faults.faults[0][:_FAULT_CHARACTERS_MAX]
        raise Refused(422, f"the rule file has {len(faults.faults)} faults; the first: {first}") from None
    except OSError as error:
        raise Refused(422, f"the rule file can't be read: {error.strerror}") from None
    newest = controls.state.tables.newest
    if table.packed == newest.table.packed:
        raise Refused(409, "the rules of the file are in force already")
    published = Words("A host published the table in force", "جدول کنونی را میزبان منتشر کرده است")
    facts = (*await _facts(newest, table), Fact("is_published", published, newest.is_published))
    return _plan(controls, table, facts, Effect.NONE)


async def roll_back_rules(controls: Controls, _: Mapping[str, str]) -> Plan:
    """The table that was in force before comes into force again, and stays so over a restart."""
    kept = controls.state.tables.kept
    newest = kept[-1].table.packed
    before = next((each for each in reversed(kept[:-1]) if each.table.packed != newest), None)
    if before is None:
        raise Refused(409, "no other table is known that was in force before")
    version = Words("Version that comes back", "نسخه‌ای که بازمی‌گردد")
    since = Words(
        "It was in force from, milliseconds since 1970", "آغاز اعتبار پیشین آن، هزارم ثانیه از ۱۹۷۰"
    )
    facts = (
        Fact("returning_version", version, before.version),
        Fact("returning_since_ms", since, before.at_ms),
        *await _facts(kept[-1], before.table),
    )
    return _plan(controls, before.table, facts, Effect.KEEP_TABLE)


async def _facts(newest: TableInForce, table: RuleTable) -> tuple[Fact, ...]:
    now, then = await asyncio.to_thread(lambda: (_names(newest.table), _names(table)))
    return (
        Fact("version", Words("Version in force now", "نسخهٔ کنونی"), newest.version),
        Fact("next_version", Words("Version that it will get", "نسخه‌ای که می‌گیرد"), newest.version + 1),
        Fact("digest", Words("Digest", "چکیده"), table.digest[:_DIGEST_DIGITS]),
        Fact("rules", Words("Rules then", "شمار قواعد پس از آن"), len(then)),
        Fact("rules_now", Words("Rules now", "شمار قواعد کنونی"), len(now)),
        Fact("added", Words("Rules that come", "قواعدی که می‌آیند"), len(then - now)),
        Fact("removed", Words("Rules that go", "قواعدی که می‌روند"), len(now - then)),
    )


def _names(table: RuleTable) -> frozenset[str]:
    return frozenset(rule.rule_id for rule in table.rules)


def _plan(controls: Controls, table: RuleTable, facts: tuple[Fact, ...], effect: Effect) -> Plan:
    state = controls.state
    version = state.rule_table_version
    prepared: list[TableWork] = []
    told = Words(f"rule table {version + 1}", f"جدول قواعد {version + 1}")

    async def work() -> None:
        task = await asyncio.to_thread(_prepared, table, version, controls.exchange.make_ready)
        if task.table is None:
            why = task.fault[:_TOLD_CHARACTERS_MAX]
            raise WorkFailed(Words(f"it could not be prepared: {why}", f"آماده نشد: {why}"))
        prepared.append(task)

    def change(at_ms: int) -> Change:
        state.tables.keep_ready(table)
        entry = RuleTableEntry(at_ms, version + 1, table.packed)
        packed = (EntryKind.RULE_TABLE, pack_rule_table(at_ms, version + 1, prepared[-1].deflated))
        _LOG.info("rule table %d in force, %d rules, by order", version + 1, len(table.rules))
        return Change(effect, told=told, entries=((entry, packed),))

    return Plan((), facts, lambda: (state.rule_table_version,), change, work)


def _prepared(table: RuleTable, version: int, make_ready: MakeReady) -> TableWork:
    """The same work as for a host's table; in any thread."""
    digest = bytes.fromhex(table.digest)
    task = TableWork(digest, version, zlib.compress(table.packed), {digest: table}, make_ready)
    task.work()
    return task
