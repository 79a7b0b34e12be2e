"""Fetching firmware: part by part into the slot that is not running. No I/O but the flash's."""

import gc

from terminal.loading import CHECK_MODULES, let_go
from terminal.system.download import ASKING, COMPLETE, FAILED, FIRMWARE, NOTHING_NEW, Download
from terminal.system.update.image import HEADER_BYTES, ImageFault, ImageHeader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from terminal.system.update.slot import Slot
    from terminal.system.update.slot_writer import SlotWriter
    from terminal.system.update.updates import Updates


class FirmwareDownload(Download):
    """An update image on its way into the slot that is not running.

    Nothing is written before its header's signature was checked, and whether it is for this terminal. It goes
    on where a power cut ended an earlier download of the same image. `identity` is that of the image whose
    signature was found good.

    Args:
        check_signature: raises ImageFault where the header is not signed.
        open_updates: gives both slots and the boot log. What these two bring along is let go of as soon as
            the first part was looked at.
        board: this terminal's, as images name it.
        known_digest: as of any download.
    """

    def __init__(
        self,
        check_signature: "Callable[[ImageHeader], None]",
        open_updates: "Callable[[], Updates]",
        board: str,
        known_digest: bytes = b"",
    ) -> None:
        super().__init__(FIRMWARE, board, known_digest)
        self._check_signature = check_signature
        self._open_updates = open_updates
        self._writer: "SlotWriter | None" = None
        self._head = b""
        self.identity = b""

    @property
    def progress_percent(self) -> int:
        """How much of it is there."""
        return self._offset * 100 // self._size if self._size else 0

    def work(self) -> None:
        """Look at the header, which may take seconds; then parts go into the slot. Raises OSError."""
        head, self._head = self._head, b""
        if not head:
            return
        try:
            self._writer = self._begin(head)
        except ImageFault as fault:
            self._end(FAILED, fault.reason)
        else:
            if self._writer is None:
                self._end(NOTHING_NEW)
            else:
                self._write(b"")

    def _take_part(self, part: bytes) -> int:
        if self._writer is None:
            # What to do with it is for `work`, when the answer that it came with is not on the heap any more.
            self._head = part[:HEADER_BYTES]
            return ASKING
        return self._write(part)

    def _write(self, part: bytes) -> int:
        writer = self._writer
        assert writer is not None  # noqa: S101  (so both callers)
        if part:
            writer.write(self._offset, part)
        self._offset = writer.offset
        if not writer.is_complete:
            return ASKING
        return self._end(COMPLETE) if writer.finish() else self._end(FAILED, "digest")

    def _begin(self, head: bytes) -> "SlotWriter | None":
        """None where the image is the one that runs, or one that was tried here in vain."""
        header = ImageHeader(head)
        if header.total_bytes != self._size:
            raise ImageFault("size")
        self.identity = header.identity
        # One after the other: a signature takes some 3 KB, in pieces of half a kilobyte.
        gc.collect()
        self._check_signature(header)
        slot = self._slot_for(header)
        if slot is None:
            return None
        from terminal.system.update.slot_writer import SlotWriter  # noqa: PLC0415  (now there is room)

        return SlotWriter(slot, head)

    def _slot_for(self, header: ImageHeader) -> "Slot | None":
        let_go(CHECK_MODULES)
        gc.collect()
        updates = self._open_updates()
        updates.check_use(header)
        is_known = updates.is_running(header) or updates.has_refused(header)
        slot = None if is_known else updates.free_slot()
        del updates
        let_go(CHECK_MODULES)
        gc.collect()
        return slot

    def _forget(self) -> None:
        self._writer = None
        self._head = b""
