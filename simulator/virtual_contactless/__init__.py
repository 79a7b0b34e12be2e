"""A PN532 that speaks its real wire format, with a field into which cards are put."""

from simulator.virtual_contactless.cards import (
    ClassicCard,
    FieldCard,
    IsoDepCard,
    Type2Tag,
    text_message,
    uri_message,
)
from simulator.virtual_contactless.chip import Chip, Field
from simulator.virtual_contactless.device import Output, Trouble, VirtualPn532
from simulator.virtual_contactless.server import ContactlessServer, ScannerServer
from simulator.virtual_contactless.spi import SpiBus

__all__ = [
    "Chip",
    "ClassicCard",
    "ContactlessServer",
    "Field",
    "FieldCard",
    "IsoDepCard",
    "Output",
    "ScannerServer",
    "SpiBus",
    "Trouble",
    "Type2Tag",
    "VirtualPn532",
    "text_message",
    "uri_message",
]
