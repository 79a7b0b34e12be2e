"""The firmware's modules under CPython, and what they stand on in tests."""

import sys
from pathlib import Path

import pytest

from simulator.micropython_vm import FIRMWARE, MicropythonVm, find_vm

sys.path.insert(0, str(FIRMWARE))

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def vm() -> MicropythonVm:
    """The MicroPython of this machine."""
    return find_vm()
