"""The shapes a board offers to the rooms above it. For type checkers only, never imported on a terminal."""

from typing import Protocol


class Flash(Protocol):
    """NOR flash: erased bytes are 0xFF, each may be programmed once, only whole blocks are erased."""

    block_bytes: int
    block_count: int

    def read(self, address: int, into: bytearray | memoryview) -> None:
        """Fill `into` from `address`."""

    def program(self, address: int, data: bytes | bytearray | memoryview) -> None:
        """Write `data` over erased bytes; durable on return.

        Raises:
            OSError: the place is not erased, or the part failed.
        """

    def erase(self, block: int) -> None:
        """Set every byte of block number `block` to 0xFF; durable on return."""


class Stream(Protocol):
    """A byte stream of asyncio's MicroPython kind."""

    async def readinto(self, buffer: bytearray | memoryview) -> int:
        """Read what is there, at least one byte; 0 means the other end closed."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Queue `data`."""

    async def drain(self) -> None:
        """Wait until everything queued has been handed over."""

    def close(self) -> None:
        """Let go of the stream."""


class SecureStream(Stream, Protocol):
    """A stream under TLS.

    `refusal` is why the other end is not trusted, once that is known: issuer, expired, name or certificate.
    """

    refusal: str


class FontSource(Protocol):
    """The bytes of a font, wherever they lie."""

    def read(self, address: int, into: memoryview) -> None:
        """Fill `into` from `address`, or raise OSError."""

    def close(self) -> None:
        """Let go of it."""


class MacKey(Protocol):
    """A key in memory: AES-CMACs (RFC 4493) over the first `length` bytes, or a stream that hides data."""

    def cmac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        """All 16 bytes."""

    def cmac8(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        """The leftmost 8 bytes."""

    def stream(self, start: bytes | memoryview, into: memoryview) -> None:
        """Fill `into`, whole blocks of 16, with the stream that follows the block `start`.

        Raises:
            OSError: the key was erased.
        """


class SecureSlot(Protocol):
    """A key that can be used and never read; `has_pin_key` tells whether `pin_block` can be used."""

    @property
    def has_pin_key(self) -> bool: ...

    def mac(self, buffer: bytes | bytearray | memoryview, length: int) -> bytes:
        """AES-CMAC (RFC 4493) over the first `length` bytes, leftmost 8 bytes."""

    def derive(self, fixed_input: bytes) -> MacKey:
        """The key derived from this one for `fixed_input`: NIST SP 800-108r1 in counter mode with CMAC."""

    def pin_block(self, pin: bytearray, account_number: str) -> tuple[bytes, bytes]:
        """A block of ISO 9564-1 format 4 under a DUKPT key that is used once, and its key serial number.

        `pin`, ASCII digits, is zeroed.

        Raises:
            PinFault: the PIN or the account number has no allowed form.
            OSError: there is no such key left, or the flash failed.
        """


class Parts(Protocol):
    """Flash for one purpose each."""

    def part(self, name: str, block_count: int) -> Flash:
        """A part of the flash: slots, parameters, boot_log or keys.

        Raises:
            OSError: this board has none, or it is of another size.
        """


class Board(Parts, Protocol):
    """Everything a target gives the application.

    `flash` is the journal's, `settings_flash` has four blocks for what is set on the terminal. `service` is
    why the terminal can't sell: no_keys, tampered or asked; then there is no `secure`. It is empty otherwise.
    """

    flash: Flash
    settings_flash: Flash
    secure: SecureSlot
    service: str
    settings: dict[str, object]

    def log(self, event: str, **fields: object) -> None:
        """Emit one diagnostic line. Callers never pass card data."""

    def ticks_ms(self) -> int:
        """Monotonic milliseconds, wrapping."""

    def ticks_since(self, then: int) -> int:
        """Milliseconds from the tick `then` to now."""

    def wall_seconds(self) -> int:
        """The uncorrected real-time clock, seconds since 1970 UTC."""

    def random(self, limit: int) -> int:
        """A number from 0 to `limit` - 1 from the hardware source."""

    def has_device(self, name: str) -> bool:
        """Whether this board names the peripheral; whether it answers, only `open_device` tells."""

    async def open_device(self, name: str) -> Stream:
        """Open the peripheral `name`: stripe, panel, lcd, printer, modem, contactless, scanner or chip;
        service is the cable of a technician who brings keys.

        Raises:
            OSError: the peripheral does not answer.
        """

    def open_font(self, name: str) -> FontSource:
        """The font `name`: receipt, digits or display.

        Raises:
            OSError: there is none.
        """

    async def open_link(self, host: str, port: int) -> Stream:
        """Start a connection to the switch. A refusal may show only at the first read or write.

        Raises:
            OSError: the name is unknown, or there is no network.
        """

    def start_tls(self, stream: Stream, server_name: str) -> SecureStream:
        """Put TLS on a stream that this board opened; the handshake is done at the first read or write.

        The certificates are the board's, as its settings name them. A server of another name or issuer is
        refused then: OSError, and `refusal` tells why.

        Raises:
            OSError: a certificate or key is missing or damaged.
        """

    def credential(self, name: str) -> str:
        """The secret that the setting `name` points to; empty where it is not set.

        Raises:
            OSError: it is set and missing.
        """

    def file(self, name: str) -> bytes:
        """What is in the file that the setting `name` names; empty where it is not set.

        Raises:
            OSError: it is set and missing.
        """

    def case_is_open(self) -> bool:
        """Whether the case's switch says so; False where there is none."""

    def key_slot(self, name: str) -> "SecureSlot | None":
        """A further key, in the file that the setting `name` names; None where it is not set.

        Raises:
            OSError: it is set and missing.
            ValueError: it is no key.
        """

    def power_off(self) -> None:
        """End the program: the front panel, which carries the mains switch, went away."""

    def restart(self) -> None:
        """End the program, to be started anew: what has come over the air counts from then on, and keys."""
