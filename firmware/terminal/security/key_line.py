"""What a technician's tool says to a terminal that is out of service, line by line, and the answers.

A line is a command and its words, parted by single spaces; the answer begins with `ok` or `refused`:

    status                          TERMINAL attempts=N clear=open|closed tampered=0|1, then check values
                                    as terminal=X transport=X pin=0|1; no key is -
    component HEX                   one of up to three parts of a clear key; its own check value
    combine terminal|transport X    the sum of the components, which must have the check value X
    block BLOCK [ID]                a key block of ANSI X9.143; ID goes with an initial PIN key
    close                           no clear key is taken any more
    reopen                          a terminal that gave up its keys takes clear ones again
    done                            start again

A refusal tells its reason and how many attempts are left.
"""

from binascii import hexlify, unhexlify

from terminal.constant import const
from terminal.security.kcv import check_value
from terminal.security.key_injection import InjectionFault, component_of
from terminal.security.key_store import PIN_STATE, TERMINAL_KEY, TRANSPORT_KEY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from terminal.security.key_injection import KeyInjection
    from terminal.security.key_store import KeyStore

_LINE_LIMIT = const(640)
_COMPONENTS_MAXIMUM = const(3)
_COMPONENT = b"component "


class KeyLine:
    """One technician's line.

    Args:
        injection: takes the keys.
        store: where they lie.
        terminal_id: told to the tool, so that no terminal gets the keys of another.
        is_open: whether the case is open; then nothing is taken.
    """

    def __init__(
        self, injection: "KeyInjection", store: "KeyStore", terminal_id: str, is_open: "Callable[[], bool]"
    ) -> None:
        self.is_done = False
        self._injection = injection
        self._store = store
        self._terminal_id = terminal_id
        self._is_open = is_open
        self._components: "list[bytearray]" = []
        self._line = bytearray(_LINE_LIMIT)
        self._size = 0
        self._is_long = False

    def feed(self, data: "bytearray | memoryview") -> "Iterator[bytes]":
        """The answers to the lines that end in `data`."""
        for byte in data:
            if byte == 0x0A:
                answer = "refused line" if self._is_long else self._answer_of(self._size)
                for at in range(self._size):
                    self._line[at] = 0
                self._size = 0
                self._is_long = False
                yield answer.encode() + b"\n"
            elif self._size == _LINE_LIMIT:
                self._is_long = True
            elif byte != 0x0D:
                self._line[self._size] = byte
                self._size += 1

    def forget(self) -> None:
        """Overwrite what was brought and not combined."""
        for component in self._components:
            _overwrite(component)
        self._components = []
        _overwrite(self._line)
        self._size = 0

    def _answer_of(self, size: int) -> str:
        line = self._line
        try:
            if self._is_open():
                raise InjectionFault("open_case")
            if line[: len(_COMPONENT)] == _COMPONENT:
                return "ok " + self._take_component(line[len(_COMPONENT) : size])
            words = bytes(memoryview(line)[:size]).split(b" ")
            return "ok " + self._obey(words[0].decode(), words[1:])
        except InjectionFault as fault:
            return "refused %s attempts=%d" % (fault.reason, self._store.attempts_left)
        except (ValueError, IndexError, KeyError):  # no such command, or not its words
            return "refused line"
        except OSError:
            return "refused flash"

    def _obey(self, command: str, words: "list[bytes]") -> str:
        injection = self._injection
        if command == "status":
            return self._status()
        if command == "combine":
            slot = {"terminal": TERMINAL_KEY, "transport": TRANSPORT_KEY}[words[0].decode()]
            expected = unhexlify(words[1])
            components, self._components = self._components, []
            return _hexadecimal(injection.inject_clear(slot, components, expected))
        if command == "block":
            return _hexadecimal(injection.inject_block(words[0], unhexlify(words[1]) if words[1:] else b""))
        if command == "close":
            injection.close_clear()
            return ""
        if command == "reopen":
            injection.reopen()
            return ""
        if command == "done":
            self.is_done = True
            return ""
        raise ValueError

    def _take_component(self, digits: bytearray) -> str:
        component = component_of(digits)
        if len(component) not in (16, 32) or len(self._components) == _COMPONENTS_MAXIMUM:
            _overwrite(component)
            raise ValueError
        self._components.append(component)
        return _hexadecimal(check_value(component))

    def _status(self) -> str:
        store = self._store
        return "%s attempts=%d clear=%s tampered=%d terminal=%s transport=%s pin=%d" % (
            self._terminal_id or "-",
            store.attempts_left,
            "closed" if store.clear_closed else "open",
            store.tampered,
            self._shown(TERMINAL_KEY),
            self._shown(TRANSPORT_KEY),
            store.key(PIN_STATE) is not None,
        )

    def _shown(self, slot: int) -> str:
        return _hexadecimal(self._injection.check_value(slot)) or "-"


def _hexadecimal(data: bytes) -> str:
    return hexlify(data).decode()


def _overwrite(buffer: bytearray) -> None:
    for at in range(len(buffer)):
        buffer[at] = 0
