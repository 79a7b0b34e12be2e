"""Closing and opening links."""

from collections.abc import Mapping

from switch.console.actions.controls import Controls
from switch.console.actions.plan import Change, Fact, Plan, Refused
from switch.console.story.titles import Words
from switch.journal.entries import Effect


async def close_link(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """No connection of the link is taken any more, also after a restart; those that are there end."""
    return _plan(controls, arguments["link"], closes=True)


async def open_link(controls: Controls, arguments: Mapping[str, str]) -> Plan:
    """Connections of the link are taken again."""
    return _plan(controls, arguments["link"], closes=False)


def _plan(controls: Controls, name: str, *, closes: bool) -> Plan:
    gate, closed = controls.gate, controls.state.orders.closed_links
    statuses = {status.name: status for status in gate.statuses()}
    found = statuses.get(name)
    if found is None:
        raise Refused(404, "there is no link of this name")
    if (name in closed) == closes:
        raise Refused(409, "this link is closed already" if closes else "this link is not closed")
    facts = (
        Fact("address", Words("Address", "نشانی"), found.address),
        Fact("connections", Words("Connections now", "اتصال‌های کنونی"), sum(found.connections.values())),
        Fact("terminals", Words("Terminals signed on", "پایانه‌های واردشده"), found.terminals),
        Fact(
            "in_flight",
            Words("Requests that will still be answered", "درخواست‌هایی که هنوز پاسخ می‌گیرند"),
            found.waiting + found.decided,
        ),
        Fact(
            "other_open_links",
            Words("Other links that are open", "پیوندهای باز دیگر"),
            sum(each != name and each not in closed for each in statuses),
        ),
    )
    effect = Effect.CLOSE_LINK if closes else Effect.OPEN_LINK
    act = gate.close_link if closes else gate.open_link
    change = Change(effect, name.encode(), after=lambda: act(name))
    return Plan((("link", name),), facts, lambda: (name in closed,), lambda _: change)
