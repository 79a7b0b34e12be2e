"""A modem's AT commands (ITU-T V.250, 3GPP TS 27.007) up to a transparent TCP connection; no I/O.

The connection itself is no standard's: `AT+CIPMODE=1` and `AT+CIPSTART`, as the common 2G and 4G modules have
them. From CONNECT on the line is the connection, until the modem says NO CARRIER.
"""

from terminal.constant import const

_LINE_LIMIT = const(96)
_COMMAND_MS = const(2000)
_CONNECT_MS = const(30000)
_GUARD_MS = const(1100)  # V.250 leaves the silence around +++ to the modem; one second everywhere
_REGISTER_PAUSE_MS = const(1000)
_REGISTER_TRIES = const(30)
_REFUSALS_LIMIT = const(4)
_HOME = "1"
_ROAMING = "5"
_NO_CARRIER = b"\r\nNO CARRIER\r\n"
_REFUSED = ("ERROR", "NO CARRIER", "BUSY", "NO ANSWER", "NO DIALTONE", "CONNECT FAIL")


class LineParser:
    """Lines out of a modem's bytes. What is too long for an answer is dropped up to its end."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._overlong = False

    def feed(self, data: "bytes | bytearray | memoryview") -> "list[str]":
        """Take the next bytes; return the lines they complete, without empty ones and control characters."""
        lines = []
        for byte in data:
            if byte == 0x0A:
                if self._line and not self._overlong:
                    lines.append(self._line.decode())
                self._line = bytearray()
                self._overlong = False
            elif len(self._line) >= _LINE_LIMIT:
                self._overlong = True
            elif 0x20 <= byte < 0x7F:
                self._line.append(byte)
        return lines


class Dialler:
    """The steps of a call: each `action` is sent, and its lines are taken until one ends it.

    Args:
        host: plain text without quotation marks.
        port: to connect to.
        apn: access point name; empty for the network's own.
    """

    def __init__(self, host: str, port: int, apn: str) -> None:
        self.step = "attention"
        self.connected = False
        self.failed = False
        self.signal_dbm = 0
        self._commands = {
            "attention": "AT",
            "echo_off": "ATE0",
            "registration": "AT+CREG?",
            "signal": "AT+CSQ",
            "context": 'AT+CGDCONT=1,"IP","%s"' % apn if apn else "AT",
            "transparent": "AT+CIPMODE=1",
            "connect": 'AT+CIPSTART="TCP","%s",%d' % (host, port),
        }
        self._escaped = False
        self._registered = False
        self._tries = 0
        self._refusals = 0

    def action(self) -> "tuple[int, bytes, int]":
        """What to do: the silence before it in ms, the bytes to send, how long its answer may take in ms."""
        if self.step == "escape":
            return (_GUARD_MS, b"+++", _GUARD_MS)
        if self.step == "hang_up":
            return (0, b"ATH\r", _COMMAND_MS)
        pause_ms = _REGISTER_PAUSE_MS if self._tries else 0
        wait_ms = _CONNECT_MS if self.step == "connect" else _COMMAND_MS
        return (pause_ms, self._commands[self.step].encode() + b"\r", wait_ms)

    def take(self, line: str) -> bool:
        """Take a line; whether it ends the present step. Echoes and unsolicited results end nothing."""
        if line.startswith("+CREG:"):
            values = line[6:].split(",")
            # Asked for, its first value is the setting; unsolicited, the state.
            state = values[1] if len(values) > 1 and '"' not in values[1] else values[0]
            self._registered = state.strip() in (_HOME, _ROAMING)
        elif line.startswith("+CSQ:"):
            level = line[5:].split(",", 1)[0].strip()
            # TS 27.007 clause 8.5: 99 is not known.
            if level.isdigit() and int(level) <= 31:
                self.signal_dbm = 2 * int(level) - 113
        elif self.step == "connect":
            if line.startswith("CONNECT") and line != "CONNECT FAIL":
                self.connected = True
                return True
            return self._refused(line)
        elif line == "OK":
            self._answered()
            return True
        else:
            return self._refused(line)
        return False

    def timed_out(self) -> None:
        """The step's time is up."""
        if self.step == "attention" and not self._escaped:
            # It may still be in an older call: this program was started anew, and the modem was not.
            self._escaped = True
            self.step = "escape"
        elif self.step == "escape":
            self.step = "hang_up"
        elif self.step == "hang_up":
            self.step = "attention"
        else:
            self.failed = True

    def _refused(self, line: str) -> bool:
        if line not in _REFUSED and not line.startswith("+CME ERROR"):
            return False
        if self.step in ("attention", "escape", "hang_up"):
            # An older call has just ended, or there was none.
            self._refusals += 1
            self.step = "attention"
            self.failed = self._refusals >= _REFUSALS_LIMIT
        else:
            self.failed = True
        return True

    def _answered(self) -> None:
        following = {
            "attention": "echo_off",
            "escape": "hang_up",
            "hang_up": "attention",
            "echo_off": "registration",
            "registration": "signal",
            "signal": "context",
            "context": "transparent",
            "transparent": "connect",
        }
        if self.step == "registration" and not self._registered:
            self._tries += 1
            self.failed = self._tries >= _REGISTER_TRIES
            return
        self._tries = 0
        self.step = following[self.step]


class CarrierWatch:
    """Finds the modem's NO CARRIER in what it delivers, also where it comes in parts."""

    def __init__(self) -> None:
        self._matched = 0

    def feed(self, data: "bytes | bytearray | memoryview") -> int:
        """How many of the bytes are to be used: all, or those before the words, which end the call."""
        for index in range(len(data)):
            byte = data[index]
            if byte != _NO_CARRIER[self._matched]:
                self._matched = 0
            if byte == _NO_CARRIER[self._matched]:
                self._matched += 1
                if self._matched == len(_NO_CARRIER):
                    self._matched = 0
                    return max(0, index + 1 - len(_NO_CARRIER))
        return len(data)
