# What of the firmware is frozen into the image: so far the messages, which need no device.
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
import os

FIRMWARE = ".."
NOT_FOR_A_TERMINAL = ("cipher_cpython.py",)
# Those that the Makefile compiles to machine code.
NATIVE = ("cmac.py", "codec.py")

freeze(FIRMWARE, ("terminal/__init__.py", "terminal/constant.py"))
for name in sorted(os.listdir(FIRMWARE + "/terminal/messages")):
    if name.endswith(".py") and name not in NOT_FOR_A_TERMINAL + NATIVE:
        freeze(FIRMWARE, "terminal/messages/" + name)
freeze("$(NATIVE_DIR)")
