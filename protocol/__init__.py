"""The message spec that terminal, switch and simulator share, and all that is derived from it.

Nothing here does I/O: bytes come in as arguments and leave as results.
"""
