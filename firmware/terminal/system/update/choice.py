"""Which slot to start: decided from what the slots' headers and the boot log say, and nothing else."""

from terminal.constant import const

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.system.update.boot_log import BootLog
    from terminal.system.update.image import ImageHeader

    Headers = list[ImageHeader | None]

# A candidate that was started so often without being confirmed has had its chance.
TRIALS_MAXIMUM = const(2)


def slots_in_order(headers: "Headers", log: "BootLog") -> "list[int]":
    """Slots that may be started, the best first; the caller takes the first whose image is sound.

    First a candidate that has trials left, then what was confirmed, then what was never tried, and a
    candidate that has failed only where there is nothing else. An image below the anti-rollback counter is
    never there.
    """
    ranked = []
    for slot, header in enumerate(headers):
        if header is None or header.counter < log.counter:
            continue
        ranked.append((_rank(slot, header, log), slot))
    return [slot for _, slot in sorted(ranked)]


def is_confirmed(slot: int, header: "ImageHeader", log: "BootLog") -> bool:
    """Whether this image in this slot has proved itself."""
    return slot == log.confirmed_slot and header.identity == log.confirmed_identity


def _rank(slot: int, header: "ImageHeader", log: "BootLog") -> int:
    if is_confirmed(slot, header, log):
        return 1
    if slot == log.candidate_slot and header.identity == log.candidate_identity:
        return 0 if log.trials < TRIALS_MAXIMUM else 3
    return 2
