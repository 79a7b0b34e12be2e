"""The terminal's side under CPython, and the MicroPython that runs it."""

import sys

import pytest

from simulator.micropython_vm import FIRMWARE, MicropythonVm, find_vm

sys.path.insert(0, str(FIRMWARE))


@pytest.fixture(scope="session")
def vm() -> MicropythonVm:
    """The MicroPython of this machine."""
    return find_vm()
