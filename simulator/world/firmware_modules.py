"""The terminal's own modules, under CPython: flow, journal, codec, framing, matching, back-off, clock."""

import sys

from simulator.micropython_vm import FIRMWARE

if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

from terminal.cards.presented import presented
from terminal.devices.track2 import from_characters
from terminal.links.backoff import Backoff
from terminal.links.framing import FrameFault, FrameParser, frame
from terminal.links.matching import Rejected, read_answer
from terminal.messages import tlv
from terminal.messages.codec import pack
from terminal.system.clock import Clock
from terminal.system.config import Config
from terminal.transactions import events, request
from terminal.transactions.flow import Flow
from terminal.transactions.journal import Journal

__all__ = (
    "Backoff",
    "Clock",
    "Config",
    "Flow",
    "FrameFault",
    "FrameParser",
    "Journal",
    "Rejected",
    "events",
    "frame",
    "from_characters",
    "pack",
    "presented",
    "read_answer",
    "request",
    "tlv",
)
