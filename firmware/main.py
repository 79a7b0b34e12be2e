"""Start the terminal on a Unix machine: `micropython main.py CONFIG`."""

import gc
import sys

from terminal.hal import unix
from terminal.system import start as system

gc.collect()  # what loading left behind lies between what stays: the terminal's own objects shall fill it


def start(config_path: str) -> None:
    """Run the terminal whose settings are at `config_path` until its board is switched off."""
    system.start(unix.make(config_path))


if __name__ == "__main__":
    start(sys.argv[1])
