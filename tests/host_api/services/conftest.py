"""The firmware's modules under CPython: what the club prints again is held against the terminal's own."""

import sys

from simulator.micropython_vm import FIRMWARE

sys.path.insert(0, str(FIRMWARE))
