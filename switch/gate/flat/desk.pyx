# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Serves the purchases of an exchange that come as they mostly do; all else it leaves alone.

One owner of the state: what is decided here moves the same flat stores that the plain engine reads and moves.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from protocol.security._cmac cimport AesCmac
from switch.authoriser.flat.club cimport FlatTable, FlatTerminal
from switch.authoriser.flat.look_ahead cimport AHEAD_MAX, TOKEN_SIZE, FlatLookAhead
from switch.authoriser.flat.sale cimport FlatSale
from switch.gate.flat.purchase cimport (
    MAC_BYTES, MERCHANT_BYTES, TERMINAL_BYTES, FlatFields, entry_mode_text, read_fields, read_tags, transmitted_at
)
from switch.gate.flat.reply cimport write_reply
from switch.ledger.flat.fold cimport FlatFold, Teller
from switch.ledger.flat.requests cimport FlatWindow
from switch.memory.buffer cimport Buffer, put_number
from switch.memory.crc32 cimport crc32_of
from switch.memory.texts cimport TEXTS

from switch.authoriser.dates import CLOCK_AHEAD_MAX_S
from switch.journal.entries import ENTRY_VERSION, EntryKind
from switch.journal.format import ENTRY_HEADER_BYTES
from switch.ledger.records import Role, Status
from switch.metrics.labels import Step
from switch.metrics.store import SAMPLED_ONE_OF, answer_cell

DECODE, DECIDE = Step.DECODE, Step.DECIDE

cdef enum:
    _ENTRY_ROOM = 64 * 1024
    _REPLY_ROOM = 2048
    _DIGEST_ROOM = 1024
    _STANS = 1_000_000
    _HEAD_BYTES = 10
    _PREPARED_MAX = 4

# Kind and version, as they stand behind size and CRC; the CRC begins with them.
cdef int _FORM = EntryKind.TRANSACTION << 8 | ENTRY_VERSION
assert ENTRY_HEADER_BYTES == _HEAD_BYTES

cdef int64_t _AHEAD_MAX_S = CLOCK_AHEAD_MAX_S


cdef class _Counter:
    """A terminal as the desk knows it: with its key and its window."""

    cdef FlatTerminal terminal
    cdef AesCmac mac
    cdef object own_mac
    cdef FlatWindow window
    cdef Teller teller
    cdef str terminal_id
    cdef object record


cdef class FlatDesk:
    """For one exchange, in its thread."""

    cdef object _state
    cdef object _keyring
    cdef object _forwarding
    cdef object _terminals
    cdef object _ordinals
    cdef object _windows
    cdef object _tables
    cdef object _in_force
    cdef FlatFold _fold
    cdef object _metrics
    cdef int64_t[::1] _cells
    cdef uint32_t _last_code
    cdef int _last_cell
    cdef int _unsampled
    cdef dict _counters
    cdef int64_t _terminal_changes
    cdef FlatSale _sale
    cdef FlatTable _table
    cdef dict _prepared
    cdef AesCmac _token_mac
    cdef AesCmac _content_mac
    cdef FlatLookAhead _ahead
    # Of the batch in hand:
    cdef uint64_t _position
    cdef object _day
    cdef int _month_day
    cdef uint64_t _now_ms
    cdef uint64_t _now_monotonic_ms
    cdef set _signed_on
    cdef object _sessions
    cdef dict _held
    cdef uint8_t _entry_room[_ENTRY_ROOM]
    cdef uint8_t _reply_room[_REPLY_ROOM]

    def __init__(self, state not None, keyring not None, metrics not None, forwarding):
        """`state` has flat stores; what `forwarding`, where there is one, claims is left to the plain way."""
        self._state = state
        self._keyring = keyring
        self._forwarding = forwarding
        self._terminals = state.terminals
        self._ordinals = state.merchant_ordinals
        self._windows = state.windows
        self._tables = state.tables
        self._in_force = None
        self._fold = state.fold
        self._metrics = metrics
        self._cells = metrics.cells
        self._last_code = 0xFFFF_FFFF
        self._unsampled = 0
        self._day = None
        self._month_day = 0
        self._counters = {}
        self._terminal_changes = -1
        self._prepared = {}
        self._sale = FlatSale(state.stores.records, state.accounts, state.lots, state.counters)
        self._token_mac = keyring.token_mac.compiled
        self._content_mac = keyring.content_mac.compiled
        self._ahead = FlatLookAhead(state.stores.records, state.accounts, state.lots)

    def prepare(self, table not None, int version):
        """Make what decides by a table that is or becomes this version; in any thread."""
        while len(self._prepared) >= _PREPARED_MAX:
            del self._prepared[next(iter(self._prepared))]
        self._prepared[table, version] = FlatTable(table, version)

    def serve(
        self, link not None, frames not None, int limit, now not None, list staged not None, list replies not None
    ):
        """Serve payloads from the left of `frames`, at most `limit`, as long as they are approved purchases.

        Their entries are staged and applied, their framed replies appended. Returns how many; of the one that is
        left in front nothing has changed.
        """
        cdef int served = 0, count, index
        cdef bytes reply
        self._begin(link, now)
        try:
            while served < limit:
                count = min(limit - served, <int> AHEAD_MAX)
                self._look_ahead(frames, count)
                for index in range(count):
                    reply = self._answer(<bytes?> frames[0], self._ahead.requests[index].token, staged)
                    if reply is None:
                        return served
                    frames.popleft()
                    replies.append(reply)
                    served += 1
        finally:
            self._state.position = self._position
        return served

    cdef int _begin(self, link, now) except -1:
        """Take over what can't change until the plain way is next taken."""
        self._position = self._state.position
        day = self._state.business.open_day.day
        if day != self._day:
            self._day = day
            self._month_day = int(self._state.business.month_day(self._position + 1) or 0)
        self._now_ms = now.epoch_ms
        self._now_monotonic_ms = int(now.monotonic_s * 1000)
        self._signed_on = link.terminals
        self._sessions = link.sessions
        self._held = link.sessions.held
        if self._terminal_changes != self._state.terminal_changes:
            self._terminal_changes = self._state.terminal_changes
            self._counters = {}
        # Before any text is looked up: the table's own get their numbers here.
        in_force = self._tables.newest
        if in_force is not self._in_force:
            self._table = self._flat(in_force.table, in_force.version)
            self._in_force = in_force
        return 0

    cdef int _look_ahead(self, frames, int count) except -1:
        """Work out the tokens of the next requests, and have brought in what belongs to them."""
        cdef FlatFields fields
        cdef bytes payload
        cdef int index
        cdef uint8_t* token
        for index in range(count):
            payload = <bytes?> frames[index]
            token = self._ahead.requests[index].token
            if read_fields(
                <const uint8_t*> PyBytes_AS_STRING(payload),
                <int> PyBytes_GET_SIZE(payload),
                &fields,
                &self._sale.request,
            ):
                self._token_mac.digest_into(fields.card_number, fields.card_digits, token)
            else:
                memset(token, 0, TOKEN_SIZE)
        self._ahead.fetch_all(count, self._table)
        return 0

    cdef bytes _answer(self, bytes payload, const uint8_t* token, list staged):
        cdef const uint8_t* p = <const uint8_t*> PyBytes_AS_STRING(payload)
        cdef int size = <int> PyBytes_GET_SIZE(payload)
        cdef FlatFields fields
        cdef FlatSale sale = self._sale
        cdef _Counter counter
        cdef AesCmac mac
        cdef uint64_t key, position
        cdef int64_t transmitted_s
        cdef Buffer entry, reply
        cdef bytes body
        cdef int entry_bytes
        cdef uint64_t now_ms = self._now_ms
        started_ns = 0
        self._unsampled += 1
        if self._unsampled == SAMPLED_ONE_OF:
            self._unsampled = 0
            started_ns = self._metrics.clock_ns()
        if not read_fields(p, size, &fields, &sale.request):
            return None
        counter = self._counter(p + fields.terminal)
        if (
            counter is None
            or counter.terminal_id not in self._signed_on
            or memcmp(p + fields.terminal + TERMINAL_BYTES, counter.terminal.wire_merchant, MERCHANT_BYTES)
        ):
            return None
        if self._held and counter.terminal_id in self._held:
            verified = self._sessions.verify_financial(
                counter.record, counter.own_mac, payload, self._now_monotonic_ms
            )
            mac = None if verified is None else verified.compiled
        else:
            mac = counter.mac if counter.mac.verifies(p, size) else None
        if mac is None:
            return None
        transmitted_s = transmitted_at(p + fields.processing_code + 9, now_ms // 1000)
        if transmitted_s < 0 or transmitted_s > <int64_t> (now_ms // 1000) + _AHEAD_MAX_S:
            return None
        key = <uint64_t> transmitted_s * _STANS + sale.request.stan
        if (
            key <= counter.window.floor
            or counter.window.position_of(key)
            or counter.window.undone_position(key)
        ):
            return None
        sale.facts.line_count = sale.facts.metric_count = 0
        if fields.tags_bytes and not read_tags(
            p + fields.tags,
            fields.tags_bytes,
            p + fields.terminal + TERMINAL_BYTES,
            &sale.request,
            &sale.facts,
        ):
            return None
        sale.request.transmitted_s = transmitted_s
        sale.request.entry_mode = entry_mode_text(sale.request.entry_mode)
        memcpy(sale.request.card_token, token, TOKEN_SIZE)
        # The repeat mark isn't set: see `read_fields`.
        self._content_mac.digest_into(p, size - MAC_BYTES, sale.request.digest)
        if started_ns:
            started_ns = self._metrics.sampled(DECODE, started_ns)
        if not sale.decide(self._table, counter.terminal, now_ms):
            return None
        if self._forwarding is not None and self._forwarding.claims_sale(
            counter.terminal_id,
            key,
            fields.card_number[: fields.card_digits].decode("ascii"),
            TEXTS.text(sale.holder.card.card_type),
        ):
            return None
        position = self._position + 1
        reply.data, reply.size, reply.room, reply.is_full = self._reply_room, 0, _REPLY_ROOM, False
        if not write_reply(&reply, p, &fields, sale, position, self._month_day, mac):
            return None
        # The head comes in front of the body when its size and CRC are known; see `switch.journal.format`.
        entry.data, entry.size, entry.room, entry.is_full = self._entry_room, _HEAD_BYTES, _ENTRY_ROOM, False
        sale.write_entry(&entry, position)
        if entry.is_full:
            return None
        body = PyBytes_FromStringAndSize(<char*> entry.data + _HEAD_BYTES, entry.size - _HEAD_BYTES)
        entry_bytes = entry.size
        entry.size = 0
        put_number(&entry, entry_bytes - _HEAD_BYTES, 4)
        put_number(&entry, crc32_of(_FORM, entry.data + _HEAD_BYTES, entry_bytes - _HEAD_BYTES), 4)
        put_number(&entry, _FORM, 2)
        staged.append(PyBytes_FromStringAndSize(<char*> entry.data, entry_bytes))
        self._position = position
        self._fold.take_next(position, body, counter.teller)
        self._cells[self._answer_cell(sale.request.processing_code)] += 1
        if started_ns:
            self._metrics.sampled(DECIDE, started_ns)
        return PyBytes_FromStringAndSize(<char*> reply.data, reply.size)

    cdef FlatTable _flat(self, object table, int version):
        """The prepared one where there is one of this table and version."""
        prepared = self._prepared.get((table, version))
        self._prepared = {}
        return FlatTable(table, version) if prepared is None else prepared

    cdef int _answer_cell(self, uint32_t processing_code) except -1:
        """Where approvals of purchases with this field 3 are counted."""
        if processing_code != self._last_code:
            self._last_cell = answer_cell("0200", f"{processing_code:06d}", "00")
            self._last_code = processing_code
        return self._last_cell

    cdef _Counter _counter(self, const uint8_t* wire_id):
        """The terminal of field 41, None where the plain way must judge it."""
        cdef bytes raw = PyBytes_FromStringAndSize(<const char*> wire_id, TERMINAL_BYTES)
        cdef _Counter counter = self._counters.get(raw)
        return self._new_counter(raw) if counter is None else counter

    cdef _Counter _new_counter(self, bytes raw):
        cdef _Counter counter
        cdef str terminal_id
        if not raw.isascii() or not raw.strip():
            return None
        terminal_id = raw.decode("ascii").rstrip(" ")
        record = self._terminals.get(terminal_id)
        window = self._windows.get(terminal_id)
        if record is None or record.status != Status.ACTIVE or record.role != Role.TERMINAL or window is None:
            return None
        counter = _Counter.__new__(_Counter)
        counter.terminal = FlatTerminal(record, self._ordinals)
        counter.own_mac = self._keyring.mac(record)
        counter.mac = counter.own_mac.compiled
        if counter.mac is None:
            return None
        counter.window = window
        counter.teller = self._fold.teller_of(counter.terminal.padded_id)
        counter.terminal_id = terminal_id
        counter.record = record
        self._counters[raw] = counter
        return counter
