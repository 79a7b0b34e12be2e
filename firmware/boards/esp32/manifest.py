# The image of this board: what MicroPython's port freezes by itself, and the terminal.
# usage: FROZEN_MANIFEST (make) or MICROPY_FROZEN_MANIFEST (cmake) = this file
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
include("$(PORT_DIR)/boards/manifest.py")
include("../../manifest.py", board="esp32")
module("pins.py")
module("main.py")
