"""Takes uploads of rule tables, puts them in force, and gives out those that were."""

import logging
import zlib
from collections.abc import Callable
from typing import NamedTuple

from protocol.dialect import FileUpdateCode, ResponseCode, Tag
from protocol.rule_parts import count_of_parts, part_of
from switch.authoriser.decision import Reply, reply_of
from switch.authoriser.request import FileAction
from switch.journal.entries import (
    DIGEST_BYTES,
    Entry,
    EntryKind,
    FileActionEntry,
    RuleTableEntry,
    pack_rule_table,
)
from switch.ledger.state import State
from switch.ledger.tables import TableInForce
from switch.publication.parts import Part, PartFault, Wanted
from switch.publication.preparation import MakeReady, Preparation

_LOG = logging.getLogger("switch.publication")

# Uploads at a time, one for a host; the oldest gives way.
UPLOADS_MAX = 4
# An upload of which nothing more came for so long is forgotten.
UPLOAD_AGE_MAX_S = 600.0

_NO_CARD = bytes(DIGEST_BYTES)

# Journals an entry and applies it; with its kind and body where it is packed already.
JournalEntry = Callable[[Entry, tuple[EntryKind, bytes] | None], None]


class Upload:
    """The parts of one host's table so far, in order; `preparation` once all are there."""

    def __init__(self, first: Part, touched_s: float) -> None:
        self.digest = first.digest
        self.parts = first.parts
        self.expected_version = first.expected_version
        self.received: list[bytes] = []
        self.touched_s = touched_s
        self.preparation: Preparation | None = None

    def is_of(self, part: Part) -> bool:
        """Whether a part belongs to it."""
        return (part.digest, part.parts, part.expected_version) == (
            self.digest,
            self.parts,
            self.expected_version,
        )

    def goes_on_with(self, first: Part) -> bool:
        """Whether a first part is this one's, come again, and not the beginning of another attempt."""
        is_over = self.preparation is not None and self.preparation.reply is not None
        return self.is_of(first) and self.received[0] == first.content and not is_over


class Inquiry:
    """A host's question for a part of a table, whose parts must be made first."""

    def __init__(self, table: TableInForce, number: int) -> None:
        self.table = table
        self.number = number
        self.deflated = b""

    def work(self) -> None:
        """Deflate the table; in any thread."""
        self.deflated = zlib.compress(self.table.table.packed)


Task = Preparation | Inquiry


class _Deflated(NamedTuple):
    digest: str
    content: bytes


class Publisher:
    """For one state, in its thread; only a task's `work` may run in another one."""

    def __init__(self, state: State, journal: JournalEntry, make_ready: MakeReady) -> None:
        self._state = state
        self._journal = journal
        self._make_ready = make_ready
        self._uploads: dict[str, Upload] = {}
        # The table that was last asked for: hosts ask part by part.
        self._deflated = _Deflated("", b"")

    def take(self, request: FileAction, now_s: float) -> Reply | Task:
        """The answer to a host's message, or what must be done before there is one: see `finish`.

        `now_s` is of a monotonic clock.
        """
        try:
            if request.action == FileUpdateCode.INQUIRE:
                return self._inquire(Wanted.of_record(request.record))
            return self._put(request, Part.of_record(request.record), now_s)
        except PartFault as fault:
            _LOG.warning("rule table of %r: wrong or no tag %s", request.identity.terminal_id, fault)
            return self._told(ResponseCode.FILE_FIELD_EDIT_ERROR)

    def finish(self, task: Task, now_ms: int) -> Reply:
        """The answer, when a task's work is done. A table that is sound comes into force here."""
        if isinstance(task, Inquiry):
            self._deflated = _Deflated(task.table.table.digest, task.deflated)
            return _part_reply(task.table, task.deflated, task.number)
        if task.reply is None:
            task.reply = self._publish(task, now_ms)
        return task.reply

    def forget_abandoned(self, now_s: float) -> None:
        """Drop uploads of which nothing more comes."""
        for host, upload in list(self._uploads.items()):
            if now_s - upload.touched_s > UPLOAD_AGE_MAX_S:
                del self._uploads[host]

    def _put(self, request: FileAction, part: Part, now_s: float) -> Reply | Task:
        host = request.identity.terminal_id
        in_force = self._state.tables.newest
        upload = self._uploads.get(host)
        preparation = None if upload is None or not upload.is_of(part) else upload.preparation
        if preparation is not None and preparation.request.identity == request.identity:
            return preparation if preparation.reply is None else preparation.reply
        if part.digest.hex() == in_force.table.digest:
            return self._told(ResponseCode.APPROVED)
        if part.expected_version != in_force.version:
            self._uploads.pop(host, None)
            return self._told(ResponseCode.FILE_LOCKED)
        if part.number == 1 and (upload is None or not upload.goes_on_with(part)):
            upload = self._begin(host, part, now_s)
        if upload is None or not upload.is_of(part) or part.number > len(upload.received) + 1:
            return self._told(ResponseCode.RECORD_NOT_FOUND)
        upload.touched_s = now_s
        if part.number <= len(upload.received):
            return self._again(host, upload, part)
        upload.received.append(part.content)
        if part.number < part.parts:
            return self._told(ResponseCode.APPROVED)
        upload.preparation = Preparation(
            request,
            upload.digest,
            upload.expected_version,
            b"".join(upload.received),
            {bytes.fromhex(kept.table.digest): kept.table for kept in self._state.tables.kept},
            self._make_ready,
        )
        return upload.preparation

    def _begin(self, host: str, part: Part, now_s: float) -> Upload:
        self._uploads.pop(host, None)
        while len(self._uploads) >= UPLOADS_MAX:
            del self._uploads[min(self._uploads, key=lambda each: self._uploads[each].touched_s)]
        upload = self._uploads[host] = Upload(part, now_s)
        return upload

    def _again(self, host: str, upload: Upload, part: Part) -> Reply | Task:
        """A part that is there already, as its answer was lost."""
        if upload.received[part.number - 1] != part.content:
            del self._uploads[host]
            return self._told(ResponseCode.RECORD_NOT_FOUND)
        preparation = upload.preparation
        if preparation is None or part.number < part.parts:
            return self._told(ResponseCode.APPROVED)
        return preparation if preparation.reply is None else preparation.reply

    def _publish(self, task: Preparation, now_ms: int) -> Reply:
        identity = task.request.identity
        tables = self._state.tables
        if task.table is None:
            _LOG.warning("rule table of %r refused: %s", identity.terminal_id, task.fault)
            return self._told(ResponseCode.FILE_NOT_UPDATED)
        if tables.newest.version != task.expected_version:
            return self._told(ResponseCode.FILE_LOCKED)
        version = task.expected_version + 1
        tables.keep_ready(task.table)
        body = pack_rule_table(now_ms, version, task.deflated)
        self._journal(RuleTableEntry(now_ms, version, task.table.packed), (EntryKind.RULE_TABLE, body))
        entry = FileActionEntry(
            at_ms=now_ms,
            terminal_id=identity.terminal_id,
            stan=identity.stan,
            transmitted_s=identity.transmitted_s,
            digest=identity.digest,
            action=task.request.action,
            file_name=task.request.file_name,
            response_code=ResponseCode.APPROVED,
            card_token=_NO_CARD,
            record=((Tag.RULE_TABLE_VERSION.value, f"{version:08d}"),),
        )
        self._journal(entry, None)
        self._uploads.pop(identity.terminal_id, None)
        _LOG.info(
            "rule table %d in force, %d rules, published by %r",
            version,
            len(task.table.rules),
            identity.terminal_id,
        )
        return reply_of(self._state.position, entry)

    def _inquire(self, wanted: Wanted) -> Reply | Task:
        tables = self._state.tables
        found = tables.of_version(wanted.version) if wanted.version else tables.newest
        if found is None or not found.version:
            return self._told(ResponseCode.RECORD_NOT_FOUND)
        if self._deflated.digest != found.table.digest:
            return Inquiry(found, wanted.number)
        return _part_reply(found, self._deflated.content, wanted.number)

    def _told(self, code: ResponseCode) -> Reply:
        """Every answer about a publication tells the version in force."""
        version = (Tag.RULE_TABLE_VERSION.value, f"{self._state.rule_table_version:08d}")
        return Reply(code, tags=(version,))


def _part_reply(table: TableInForce, deflated: bytes, number: int) -> Reply:
    version = (Tag.RULE_TABLE_VERSION.value, f"{table.version:08d}")
    content = part_of(deflated, number)
    if not content:
        return Reply(ResponseCode.RECORD_NOT_FOUND, tags=(version,))
    return Reply(
        ResponseCode.APPROVED,
        tags=(
            version,
            (Tag.RULES_PART.value, content),
            (Tag.RULES_PART_NUMBER.value, f"{number:04d}"),
            (Tag.RULES_PARTS.value, f"{count_of_parts(deflated):04d}"),
            (Tag.RULES_DIGEST.value, bytes.fromhex(table.table.digest)),
        ),
    )
