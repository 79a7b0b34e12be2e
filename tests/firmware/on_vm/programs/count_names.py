"""Starts a terminal as `boot_image.py` does, and tells how many names it has met when its power goes."""

import micropython

try:
    import boot_image  # noqa: F401  (it starts the terminal)
finally:
    micropython.qstr_info()
