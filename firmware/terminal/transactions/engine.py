"""The engine under all flows: finds an event's handler, goes from step to step, loads a flow and drops it.

A flow is a module under `flows`. Its `STEPS` are functions that take the flow in turn: one that has to wait
for somebody or something asks, enters a state and returns True; one that has what it needs returns False. Its
`TABLES` give the handlers of those states by state and event. What isn't found there is looked up in the
spine, the table of the states that all flows share.
"""

import sys

from terminal.loading import let_go
from terminal.screens import text
from terminal.transactions import events, registry
from terminal.transactions.recovery import Recovery

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.security.operator_pin import PinDerivation
    from terminal.system.health import Health
    from terminal.transactions.contract import SettingsStore
    from terminal.transactions.day_book import DayAccount
    from terminal.transactions.steps.number import Number

    Handler = Callable[..., None]
    Table = dict[tuple[str, int], Handler]

    Step = Callable[["Engine"], bool]

_PACKAGE = "terminal."
_FLOWS = "terminal.transactions.flows."
NOBODY = ("", registry.ANYONE)


class Scratch:
    """What the steps of one flow remember between events; which of it there is, is theirs to know."""

    entry: "Number"
    options: "tuple[tuple[str, object], ...]"
    take_option: "Handler"
    pin_prompt: str
    on_enter: "Handler"
    on_paper: "Handler"
    derivation: "PinDerivation"
    parameter: "tuple[str, str, int, int, int]"
    dates: "list[bytes]"
    day: "DayAccount"
    refusal: str
    uploaded: int
    found: "list[tuple[str, bool]]"
    keys_seen: int
    refused_stan: int


class Engine(Recovery):
    """What turns tables into behaviour. `handle` takes each event.

    `devices` are those that this board names, and whether they answer; `health` is told to the switch.
    """

    spine: "Table"
    settings: "SettingsStore | None" = None
    devices: "dict[str, bool] | None" = None
    health: "Health | None" = None
    operator = NOBODY
    acting = NOBODY
    wanted = ""
    name = "purchase"
    _steps: "tuple[Step, ...]" = ()
    _tables: "tuple[Table, ...]" = ()
    _came_along = ""

    def handle(self, event: int, data: object = None) -> None:
        """Take one event and ask for what it leads to.

        Raises:
            JournalFault: the flash failed; the terminal must not go on.
        """
        if event == events.ONLINE:
            self._online = True
        elif event == events.OFFLINE:
            self._online = False
        elif event == events.CARD_IN:
            self._card_in_slot = True
        elif event == events.CARD_OUT:
            self._card_in_slot = False
        elif event == events.TIMEOUT and data != self._timer:
            return
        handler = self.handler(event)
        if handler:
            handler(self, data)

    def handler(self, event: int) -> "Handler | None":
        """What the present state does with an event."""
        found = (self.state, event)
        for table in self._tables:
            if found in table:
                return table[found]
        return self.spine.get(found)

    def begin(self, name: object, keep: bool = False, acting: "tuple[str, int] | None" = None) -> None:
        """Start a flow; whoever may not is asked to log in.

        Args:
            name: its row in the registry.
            keep: with the card and the amount at hand.
            acting: who lends a hand for this one flow, operator's number and role; else whoever is logged in.
        """
        row = registry.find(name)
        if row is None:
            return
        if self._must_settle(row[0]):
            self._rest()
            return
        if keep:
            self._unload()
        else:
            self._forget()
        self.acting = acting or self.operator
        if not self.may(row[3]):
            self.wanted = row[0]
            row = registry.find("login") or row
        elif row[2] and not self._served(row[0]):
            self.notice("no_service")
            return
        self.name = row[0]
        self.kind = row[2] or "purchase"
        self._load(row[1])
        self.go_on()

    def _must_settle(self, name: str) -> bool:
        """Whether something is open that comes before the flow of this name."""
        return bool(self._journal.open_sales()) and (self._online or not self._sells_offline())

    def go_on(self, _: object = None) -> None:
        """Take the next steps, up to one that waits; rest when there is none."""
        while self._at < len(self._steps):
            self._at += 1
            if self._steps[self._at - 1](self):
                return
        self._rest()

    def go_back(self) -> None:
        """Have the step at hand taken again by the next `go_on`."""
        self._at -= 1

    def may(self, role: int) -> bool:
        """Whether whoever acts may do what needs `role`: everybody where no operators are set up."""
        return self.acting[1] >= role or not (self.settings and self.settings.get("operators"))

    def add_table(self, table: "Table") -> None:
        """Handlers of a step that only some answers call for."""
        if table not in self._tables:
            self._tables += (table,)

    def _served(self, name: str) -> bool:
        """Whether a flow can do its work now."""
        return self._online

    def _load(self, module: str) -> None:
        full = _FLOWS + module
        if full not in sys.modules:
            before = set(sys.modules)
            __import__(full)
            came = [name for name in sys.modules if name not in before and name.startswith(_PACKAGE)]
            self._came_along = " ".join(name[len(_PACKAGE) :] for name in came)
        loaded = sys.modules[full]
        self._steps = loaded.STEPS
        self._tables = loaded.TABLES

    def _unload(self) -> None:
        """Let go of what was loaded for one flow: on a board it would fill the heap."""
        self.scratch = Scratch()
        self._steps = ()
        self._tables = ()
        self._at = 0
        let_go(self._came_along)
        self._came_along = ""
        text.forget_rare()

    def _forget(self) -> None:
        super()._forget()
        self._unload()
        self.name = "purchase"
        self.wanted = ""
        self.acting = self.operator


# Handlers that steps share.


def leave(flow: "Engine", _: object = None) -> None:
    """Stop what was begun: nothing has been sent."""
    flow._rest()


def turn(flow: "Engine", name: object) -> None:
    """Another flow with the card and the amount at hand."""
    flow.begin(name, keep=True)


def stay(flow: "Engine", _: object = None) -> None:
    """Nothing: this state ends by itself, and soon."""
