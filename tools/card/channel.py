"""Where a card is: in a reader of this machine (PC/SC), or in a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from protocol.card_application.faults import CardFault, CardFaultCode
from simulator.virtual_card.card import DamagedFile, card_in_file

if TYPE_CHECKING:
    from smartcard.reader.Reader import Reader

Transmit = Callable[[bytes], bytes]

_NO_PYSCARD = (
    "PC/SC wants the package pyscard: .venv/bin/pip install -e '.[card]' (it is compiled: Debian's gcc and "
    "libpcsclite-dev); without a reader, --virtual"
)


class ReaderFault(Exception):  # noqa: N818  (not an error in the program)
    """There is no reader, no card, or no PC/SC here; the text is one line for the operator."""


def reader_names() -> list[str]:
    """The readers of this machine. Raises ReaderFault."""
    return [str(reader) for reader in _readers()]


@contextmanager
def virtual_channel(path: Path) -> Iterator[Transmit]:
    """The virtual card in a file. Raises ReaderFault."""
    try:
        card = card_in_file(path)
    except DamagedFile:
        raise ReaderFault(f"{path} holds something else than a virtual card") from None
    except OSError as fault:
        raise ReaderFault(f"virtual card {path}: {fault.strerror}") from None
    card.power_on()
    yield card.exchange
    card.power_off()


@contextmanager
def reader_channel(name: str | None) -> Iterator[Transmit]:
    """The card in the reader whose name contains `name`, or in the only reader. Raises ReaderFault.

    What is transmitted raises CardFault no_answer when the card is pulled out.
    """
    readers = [reader for reader in _readers() if name is None or name.lower() in str(reader).lower()]
    if not readers:
        raise ReaderFault(
            "no reader" if name is None else "no reader of that name; `vafa card readers` tells them"
        )
    if len(readers) > 1:
        raise ReaderFault("more than one reader; choose with --reader: " + ", ".join(map(str, readers)))
    from smartcard.Exceptions import CardConnectionException, NoCardException  # noqa: PLC0415  (it is optional)

    connection = readers[0].createConnection()

    def transmit(apdu: bytes) -> bytes:
        try:
            data, first, second = connection.transmit(list(apdu))
        except CardConnectionException:
            raise CardFault(CardFaultCode.NO_ANSWER) from None
        return bytes((*data, first, second))

    try:
        try:
            connection.connect()
        except NoCardException:
            raise ReaderFault("no card in the reader") from None
        except CardConnectionException:
            raise ReaderFault("the card does not answer") from None
        yield transmit
    finally:
        # A card that was pulled out can't be let go properly any more.
        with suppress(CardConnectionException):
            connection.release()


def _readers() -> "list[Reader]":
    try:
        from smartcard.pcsc.PCSCExceptions import BaseSCardException  # noqa: PLC0415  (it is optional)
        from smartcard.System import readers  # noqa: PLC0415
    except ImportError:
        raise ReaderFault(_NO_PYSCARD) from None
    try:
        return list(readers())
    except BaseSCardException:
        raise ReaderFault("PC/SC does not answer; is pcscd running?") from None
