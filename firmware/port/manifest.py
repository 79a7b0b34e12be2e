# What of the firmware is frozen into the image: everything, and MicroPython's asyncio.
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
include("$(MPY_DIR)/extmod/asyncio")
# Those that the Makefile compiles to machine code.
NATIVE = ("messages/cmac.py", "messages/codec.py", "transactions/ring.py")
include("../manifest.py", board="qemu", elsewhere=tuple("terminal/" + name for name in NATIVE))
freeze("$(NATIVE_DIR)")
