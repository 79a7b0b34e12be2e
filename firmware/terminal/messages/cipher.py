"""AES of this interpreter, in ECB (mode 1) or CBC (mode 2)."""

try:
    from cryptolib import aes
except ImportError:  # CPython
    from terminal.messages.cipher_cpython import aes  # type: ignore[assignment]

__all__ = ("aes",)
