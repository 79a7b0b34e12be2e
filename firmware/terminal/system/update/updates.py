"""Updates as start-up and the application use them: choose and count, confirm, switch over."""

from terminal.system.update.boot_log import NO_SLOT
from terminal.system.update.choice import TRIALS_MAXIMUM, is_confirmed, slots_in_order
from terminal.system.update.image import ImageFault

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.system.update.boot_log import BootLog
    from terminal.system.update.image import ImageHeader
    from terminal.system.update.slot import Slot


class Updates:
    """Two slots and the boot log of one terminal.

    Args:
        log: the boot log.
        slots: the two.
        board: the terminal's own board, up to 8 characters.
        base: version of what starts the images.
        modulus: public key that signs images, 256 bytes.
    """

    def __init__(
        self,
        log: "BootLog",
        slots: "tuple[Slot, Slot]",
        *,
        board: str,
        base: "tuple[int, int, int]",
        modulus: bytes,
    ) -> None:
        self.log = log
        self.slots = slots
        self.modulus = modulus
        self.board = board
        self._base = base

    def start(self, cause: str = "other") -> int:
        """Choose the slot to start, and count this boot and its trial before anybody runs from there.

        Returns:
            The slot, or -1: there is no image that could be started.

        Raises:
            OSError: the flash takes no record of a trial; nothing must be started then.
        """
        log = self.log
        headers = [slot.header() for slot in self.slots]
        chosen = -1
        for at in slots_in_order(headers, log):
            header = headers[at]
            if header and self._may_run(header) and self.slots[at].is_sound(header, self.modulus):
                chosen = at
                if not is_confirmed(at, header, log):
                    self._count_trial(at, header)
                break
        log.running_slot = chosen if chosen >= 0 else NO_SLOT
        log.count_boot(cause)
        try:
            log.save()
        except OSError:
            # Flash that takes no more records must not stop a terminal whose image is proved.
            if chosen < 0 or self.is_on_trial():
                raise
        return chosen

    def running_version(self) -> "tuple[int, int, int] | None":
        """Version of the image that runs; None where what runs was not started from a slot."""
        header = self._running()
        return None if header is None else header.version

    def is_on_trial(self) -> bool:
        """Whether what runs has still to be confirmed."""
        header = self._running()
        return header is not None and not is_confirmed(self.log.running_slot, header, self.log)

    def confirm(self) -> None:
        """What runs is good: it is what start-up goes back to from now on. Raises OSError."""
        log = self.log
        header = self._running()
        if header is None or is_confirmed(log.running_slot, header, log):
            return
        log.confirmed_slot = log.running_slot
        log.confirmed_identity = header.identity
        log.counter = max(log.counter, header.counter)
        log.candidate_slot = NO_SLOT
        log.trials = 0
        log.save()

    def check_use(self, header: "ImageHeader") -> None:
        """See that an offered image may run here. Raises ImageFault: board, base, rollback or room."""
        header.check_use(self.board, self._base, self.log.counter, self.slots[0].room_bytes)

    def has_refused(self, header: "ImageHeader") -> bool:
        """Whether this very image was tried here and not confirmed."""
        log = self.log
        return header.identity == log.candidate_identity and log.trials >= TRIALS_MAXIMUM

    def is_running(self, header: "ImageHeader") -> bool:
        """Whether this very image is the one that runs."""
        running = self._running()
        return running is not None and running.identity == header.identity

    def free_slot(self) -> "Slot":
        """The slot that is not running, for another image.

        Raises:
            ImageFault: trial: what runs is not confirmed, so it may need the other slot.
            OSError: it is not known what runs.
        """
        other = self._other()
        if self.is_on_trial():
            raise ImageFault("trial")
        return self.slots[other]

    def switch_over(self, is_settled: "Callable[[], bool]", checked: bytes = b"") -> bool:
        """Make the image in the other slot the candidate of the next start.

        Args:
            is_settled: whether no transaction is under way, owed or waiting.
            checked: identity of the image there, where its signature was checked just now.

        Returns:
            False where something is unsettled: nothing has changed, ask again later.

        Raises:
            ImageFault: the image is not whole, not signed or not for this terminal.
            OSError: the flash takes no record.
        """
        at = self._other()
        header = self.slots[at].header()
        if header is None:
            raise ImageFault("magic")
        if header.identity != checked:
            header.check_signature(self.modulus)
        self.check_use(header)
        if not self.slots[at].is_whole(header):
            raise ImageFault("size")
        if not is_settled():
            return False
        log = self.log
        if (log.candidate_slot, log.candidate_identity) != (at, header.identity):
            log.candidate_slot = at
            log.candidate_identity = header.identity
            log.trials = 0
            log.save()
        return True

    def _may_run(self, header: "ImageHeader") -> bool:
        try:
            self.check_use(header)
        except ImageFault:
            return False
        return True

    def _count_trial(self, at: int, header: "ImageHeader") -> None:
        log = self.log
        if (log.candidate_slot, log.candidate_identity) != (at, header.identity):
            log.candidate_slot = at
            log.candidate_identity = header.identity
            log.trials = 0
        log.trials = min(log.trials + 1, 0xFF)

    def _running(self) -> "ImageHeader | None":
        at = self.log.running_slot
        return None if at == NO_SLOT else self.slots[at].header()

    def _other(self) -> int:
        at = self.log.running_slot
        if at == NO_SLOT:
            raise OSError("not started from a slot")
        return 1 - at
