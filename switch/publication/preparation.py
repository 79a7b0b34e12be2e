"""What takes seconds for ten thousand rules, and therefore happens in a thread of its own."""

import gc
import hashlib
import logging
import threading
import zlib
from collections.abc import Callable, Mapping

from switch.authoriser.decision import Reply
from switch.authoriser.request import FileAction
from switch.journal.entries import inflate_table
from switch.publication.parts import DEFLATED_BYTES_MAX
from switch.rules.packing import RuleTableFault, collector_paused, unpack
from switch.rules.table import RuleTable

_LOG = logging.getLogger("switch.publication")

# Makes whatever decides by a table that is to become this version.
MakeReady = Callable[[RuleTable, int], None]


class TableWork:
    """Of a table that is to come into force, from its deflated bytes to its evaluators.

    `kept` are tables, by their packed bytes' digest, that needn't be unpacked again.
    """

    def __init__(
        self,
        digest: bytes,
        expected_version: int,
        uploaded: bytes,
        kept: Mapping[bytes, RuleTable],
        make_ready: MakeReady,
    ) -> None:
        self.digest = digest
        self.expected_version = expected_version
        self.table: RuleTable | None = None
        self.deflated = b""
        self.fault = ""
        self._uploaded = uploaded
        self._kept = kept
        self._make_ready = make_ready
        self._lock = threading.Lock()
        self._is_done = False

    def work(self) -> None:
        """Prepare; whoever comes second waits for the first. What is wrong is told in `fault`, not raised."""
        with self._lock:
            if self._is_done:
                return
            try:
                self._prepare()
            except (RuleTableFault, zlib.error, ValueError) as fault:
                self.fault = str(fault)
            except Exception:  # nothing has changed: a table that can't be prepared needn't stop the others
                _LOG.exception("a rule table could not be prepared")
                self.fault = "it could not be prepared"
            self._is_done = True
            self._uploaded = b""
            self._kept = {}

    def _prepare(self) -> None:
        packed = inflate_table(self._uploaded)
        if hashlib.sha256(packed).digest() != self.digest:
            raise ValueError("the parts are not the table that was announced")
        # Deflated as every entry is: what came may be larger than it need be.
        deflated = zlib.compress(packed)
        if len(deflated) > DEFLATED_BYTES_MAX:
            raise ValueError("the table is too large for a journal entry")
        with collector_paused():
            table = self._kept.get(self.digest) or unpack(packed)
            self._make_ready(table, self.expected_version + 1)
            # All of it stays: looking through it for garbage would hold up the requests.
            gc.freeze()
        self.deflated = deflated
        self.table = table


class Preparation(TableWork):
    """Of a table that a host uploaded. `reply` is set when its fate is decided."""

    def __init__(  # noqa: PLR0917
        self,
        request: FileAction,
        digest: bytes,
        expected_version: int,
        uploaded: bytes,
        kept: Mapping[bytes, RuleTable],
        make_ready: MakeReady,
    ) -> None:
        super().__init__(digest, expected_version, uploaded, kept, make_ready)
        self.request = request
        self.reply: Reply | None = None
