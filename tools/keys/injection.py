"""A key injection from the technician's side: the other end of firmware/terminal/security/key_line.py."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from tools.keys.package import KeyFault, KeyPackage, shown, sum_of

# Gives a line to the terminal and waits for its answer; raises KeyFault when there is none.
Ask = Callable[[str], str]

_STATUS = re.compile(
    r"(?P<terminal_id>\S{1,8}) attempts=(?P<attempts>\d+) clear=(?P<clear>open|closed)"
    r" tampered=(?P<tampered>[01]) terminal=(?P<terminal>[0-9a-f]{10}|-)"
    r" transport=(?P<transport>[0-9a-f]{10}|-) pin=(?P<pin>[01])"
)
_REMEDIES = {
    "closed": "it takes no clear keys any more: bring a package under the transport key that it has",
    "refused": "the key was refused",
    "no_transport_key": "it has no transport key: bring the components",
    "wiped": "too many wrong attempts, its keys are gone: begin anew with --reopen",
    "tampered": "its case was opened, its keys are gone: look at it, then begin anew with --reopen",
    "has_keys": "it has keys, so there is nothing to reopen",
    "open_case": "its case is open: close it",
    "flash": "its flash failed: it needs repair",
    "line": "it did not understand: another firmware?",
}


class Status(NamedTuple):
    """What a terminal says of its keys; check values, or empty."""

    terminal_id: str
    attempts: int
    takes_clear: bool
    tampered: bool
    terminal: str
    transport: str
    has_pin_key: bool

    def told(self) -> str:
        """For people, in one line."""
        keys = [f"terminal key {self.terminal or 'none'}", f"transport key {self.transport or 'none'}"]
        keys.append("PIN key " + ("there" if self.has_pin_key else "none"))
        state = "tampered with" if self.tampered else "untouched"
        clear = "open" if self.takes_clear else "closed"
        return f"{self.terminal_id}: {', '.join(keys)}; {state}, clear keys {clear}, attempts {self.attempts}"


def status_of(ask: Ask) -> Status:
    """The terminal's keys. Raises KeyFault."""
    said = _asked(ask, "status")
    found = _STATUS.fullmatch(said)
    if found is None:
        raise KeyFault("the terminal says something else than its status")
    return Status(
        found["terminal_id"],
        int(found["attempts"]),
        found["clear"] == "open",
        found["tampered"] == "1",
        found["terminal"].strip("-"),
        found["transport"].strip("-"),
        found["pin"] == "1",
    )


def inject(
    ask: Ask,
    package: KeyPackage,
    components: Callable[[], Sequence[bytes]],
    say: Callable[[str], None],
    *,
    reopen: bool = False,
) -> None:
    """Bring a package into the terminal, its transport key first where it has not got that.

    Args:
        ask: the terminal.
        package: must be this terminal's.
        components: gives those of the transport key; asked for only where they are needed.
        say: is told check values, and nothing secret.
        reopen: whether a terminal that gave up its keys may begin anew.

    Raises:
        KeyFault: the terminal is another one, or refuses.
    """
    status = status_of(ask)
    say(status.told())
    if status.terminal_id != package.terminal_id:
        raise KeyFault(f"the package is for {package.terminal_id}, this is {status.terminal_id}")
    if reopen:
        _asked(ask, "reopen")
    elif not status.attempts:
        raise KeyFault(f"the terminal refuses: {_REMEDIES['wiped']}")
    elif status.tampered and not status.takes_clear:
        raise KeyFault(f"the terminal refuses: {_REMEDIES['tampered']}")
    if status.transport != package.transport_check_value:
        _bring_transport_key(ask, package.transport_check_value, components(), say)
    for key in package.keys:
        check_value = _asked(ask, " ".join(filter(None, ("block", key.block, key.key_id))))
        if check_value != key.check_value:
            raise KeyFault(f"{key.name} key: the terminal shows {check_value}, expected {key.check_value}")
        say(f"{key.name} key {check_value}")
    _asked(ask, "close")
    _asked(ask, "done")


def _bring_transport_key(
    ask: Ask, expected: str, components: Sequence[bytes], say: Callable[[str], None]
) -> None:
    if shown(sum_of(components)) != expected:
        raise KeyFault(f"the components are not those of the transport key {expected}")
    for number, component in enumerate(components, 1):
        check_value = _asked(ask, f"component {component.hex()}")
        if check_value != shown(component):
            raise KeyFault(f"component {number}: it reached the terminal damaged")
        say(f"component {number} of {len(components)} {check_value}")
    say(f"transport key {_asked(ask, f'combine transport {expected}')}")


def _asked(ask: Ask, line: str) -> str:
    word, _, rest = ask(line).partition(" ")
    if word == "ok":
        return rest
    reason, _, left = rest.partition(" ")
    text = _REMEDIES.get(reason, "refused")
    raise KeyFault(f"the terminal refuses: {text}" + (f" ({left.replace('=', ' ')})" if left else ""))
