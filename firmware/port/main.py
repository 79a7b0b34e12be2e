"""Start the terminal on the emulated board."""

from terminal.hal import qemu
from terminal.system.start import start

start(qemu.make())
