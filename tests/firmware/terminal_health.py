"""The record of a terminal that knows everything of itself."""

import sys

from simulator.micropython_vm import FIRMWARE


def packed_health() -> bytes:
    """As the firmware packs it."""
    if str(FIRMWARE) not in sys.path:
        sys.path.insert(0, str(FIRMWARE))
    from terminal.system.health import PAPER_LOW, Health

    health = Health()
    health.boots, health.resets, health.flash_erases = 70_000, [3, 1, 0, 999], 4_000_000_000
    health.link_failures, health.battery_percent, health.signal_dbm = 12, 87, -71
    health.paper, health.firmware, health.parameter_sequence = PAPER_LOW, (1, 12, 300), 9
    health.journal_fill_percent = 12
    health.note_heap(50_000)
    health.note_heap(43_200)
    health.note_heap(60_000)
    health.learn_rules(4711)
    health.learn_rules(0)
    record: bytes = health.pack()
    return record
