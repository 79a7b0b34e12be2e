"""The terminal from which a process was started, in the sense of termios(3)."""

import os


def has_controlling_terminal() -> bool:
    """Whether the process has one; it loses it when that is closed."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
