"""A terminal on the screen: a local web page in front of the real firmware, and beside it its live wire.

`ScreenServer` serves the page on loopback; every page that is open has a terminal of its own.
"""

import sys

from simulator.micropython_vm import FIRMWARE

if str(FIRMWARE) not in sys.path:
    sys.path.insert(0, str(FIRMWARE))

from simulator.screen.club import ClubFault, open_club
from simulator.screen.place import Place
from simulator.screen.server import CannotListen, ScreenServer

__all__ = ["CannotListen", "ClubFault", "Place", "ScreenServer", "open_club"]
