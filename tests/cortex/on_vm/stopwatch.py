"""Processor time and heap garbage of a call.

QEMU counts instructions, so the figures do not depend on the machine that runs it. The collector is off while
a call is measured: what a call leaves behind is what the heap has grown by.
"""

import gc
import time

_TICKS_PER_US = 25
_CALLS = 16


def _nothing() -> None:
    pass


def _ticks(action) -> "tuple[int, int]":
    total = 0
    garbage = 0
    for _ in range(_CALLS):
        gc.collect()
        before = gc.mem_alloc()
        start = time.ticks_cpu()
        action()
        total += time.ticks_diff(time.ticks_cpu(), start)
        garbage = gc.mem_alloc() - before
    return total, garbage


def measure(action) -> "tuple[int, int]":
    """Tenths of a microsecond and bytes of garbage per call of `action`, less what an empty call takes."""
    gc.disable()
    action()
    base_ticks, base_garbage = _ticks(_nothing)
    ticks, garbage = _ticks(action)
    gc.enable()
    return (ticks - base_ticks) * 10 // (_TICKS_PER_US * _CALLS), garbage - base_garbage
