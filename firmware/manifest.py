# The package terminal for freezing into a board's image; of terminal/hal only what that board needs.
# usage: include("../manifest.py", board="rp2") in the board's own manifest
# ruff: noqa: F821  (MicroPython's build gives a manifest its functions)
import os

# elsewhere: modules that the including manifest freezes in another form, as "terminal/messages/cmac.py".
options.defaults(elsewhere=())

HAL = {
    "unix": {"unix"},
    "qemu": {"qemu", "microcontroller"},
    "rp2": {"rp2", "microcontroller", "block_flash", "wifi"},
    "esp32": {"esp32", "microcontroller", "block_flash", "wifi"},
    "stm32": {"stm32", "microcontroller", "block_flash"},
}
if options.board not in HAL:
    raise ValueError("board must be one of " + ", ".join(HAL))
LEFT_OUT = {"terminal/messages/cipher_cpython.py", "terminal/hal/contract.py", *options.elsewhere}
LEFT_OUT |= {"terminal/hal/%s.py" % name for name in set().union(*HAL.values()) - HAL[options.board]}

for folder, _, names in sorted(os.walk("terminal")):
    for name in sorted(names):
        path = folder + "/" + name
        if name.endswith(".py") and path not in LEFT_OUT:
            module(path, base_path=".")
