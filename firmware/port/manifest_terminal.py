# The terminal itself: the firmware with what starts it.
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
include("manifest.py")
module("main.py")
