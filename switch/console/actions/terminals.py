"""Closing and opening terminals, and new generations of their keys."""

from collections.abc import Mapping

from switch.console.actions.controls import Controls
from switch.console.actions.plan import Arguments, Change, Fact, Plan, Refused
from switch.console.story.titles import Words
from switch.journal.entries import Effect
from switch.ledger.records import TerminalRecord

KEY_GENERATION_MAX = 9999


async def close_terminal(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """Its requests are refused until it is opened, whatever the host sends meanwhile."""
    name = arguments["terminal_id"]
    record, closed = _record(controls, name), controls.state.orders.closed_terminals
    if name in closed:
        raise Refused(409, "this terminal is closed already")
    change = Change(Effect.CLOSE_TERMINAL, name.encode("ascii"))
    return Plan(
        _named(name),
        _facts(controls, record),
        lambda: (name in controls.state.terminals, name in closed),
        lambda _: change,
    )


async def open_terminal(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """What the host wants of it holds again."""
    name = arguments["terminal_id"]
    closed = controls.state.orders.closed_terminals
    if name not in closed:
        raise Refused(409, "this terminal was not closed here")
    facts: tuple[Fact, ...] = ()
    record = controls.state.terminals.get(name)
    if record is not None:
        by_host = Words("The host has it in use", "میزبان آن را فعال می‌داند")
        facts = (*_facts(controls, record), Fact("in_use_by_host", by_host, closed[name] == "A"))
    change = Change(Effect.OPEN_TERMINAL, name.encode("ascii"))
    return Plan(_named(name), facts, lambda: (name in closed,), lambda _: change)


async def rotate_key(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """The next generation of a terminal's or host's key holds at once; the one before opens nothing."""
    name = arguments["terminal_id"]
    if controls.state.terminal(name) is not None and name not in controls.state.terminals:
        raise Refused(
            409, "this host has no record: its generation is the setting VAFA_SWITCH_HOST_KEY_GENERATION"
        )
    record = _record(controls, name)
    generation = record.key_generation + 1
    if generation > KEY_GENERATION_MAX:
        raise Refused(409, f"a key has at most {KEY_GENERATION_MAX} generations")
    facts = (
        *_facts(controls, record),
        Fact("generation", Words("Generation of the key now", "نسل کنونی کلید"), record.key_generation),
        Fact("next_generation", Words("Generation that will hold", "نسلی که برقرار می‌شود"), generation),
        Fact(
            "needs_injection",
            Words("It must be given the new key before it is served", "تا کلید تازه نگیرد خدمت نمی‌گیرد"),
            True,
        ),
    )
    change = Change(
        Effect.RAISE_KEY_GENERATION,
        name.encode("ascii"),
        generation,
        told=Words(f"generation {generation}", f"نسل {generation}"),
    )
    return Plan(_named(name), facts, lambda: (_generation(controls, name),), lambda _: change)


def _record(controls: Controls, name: str) -> TerminalRecord:
    record = controls.state.terminals.get(name)
    if record is None:
        raise Refused(404, "there is no terminal of this name")
    return record


def _generation(controls: Controls, name: str) -> int:
    record = controls.state.terminals.get(name)
    return 0 if record is None else record.key_generation


def _named(name: str) -> Arguments:
    return (("terminal_id", name),)


def _facts(controls: Controls, record: TerminalRecord) -> tuple[Fact, ...]:
    links = sorted({link.named.name for link in controls.gate.links if link.state.serves(record.terminal_id)})
    return (
        Fact("merchant_id", Words("Merchant", "پذیرنده"), record.merchant_id),
        Fact("branch_number", Words("Branch", "شعبه"), record.branch_number),
        Fact("role", Words("Terminal or host", "پایانه یا میزبان"), record.role.name.lower()),
        Fact("status", Words("Status now", "وضعیت کنونی"), record.status.name.lower()),
        Fact("signed_on", Words("Signed on over", "واردشده از راه"), ", ".join(links)),
    )
