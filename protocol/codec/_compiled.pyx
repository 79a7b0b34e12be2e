# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""Views, responses and batches over C buffers.

The same as `protocol.codec.view`, which is the definition and always works; this module is there where a C compiler
was found at installation. Whatever is not well-formed goes to the plain decoder, which says what is wrong.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE, PyBytes_Size
from cpython.list cimport PyList_GetItem
from cpython.ref cimport PyObject
from cpython.unicode cimport PyUnicode_AsUTF8AndSize, PyUnicode_DecodeASCII
from libc.stdint cimport int32_t, int64_t, uint8_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from functools import cache

from protocol.codec.fast import decode
from protocol.codec.table import codec_table
from protocol.faults import FaultCode, ProtocolFault
from protocol.message import Message
from protocol.message_type import response_of

cdef enum:
    FIELD_LIMIT = 193
    OFFSETS = 194  # one for each field, and their number
    _RESPONSE_GROWTH = 40  # two words of a hexadecimal bitmap, and the frame's length
    ABSENT = -1

# How a length prefix is written.
cdef enum:
    PREFIX_NONE = 0
    PREFIX_BCD = 1
    PREFIX_ASCII = 2
    PREFIX_EBCDIC = 3
    PREFIX_BINARY = 4

# How a scalar is read without Python; everything else goes to its field codec.
cdef enum:
    FORM_PYTHON = 0
    FORM_BCD = 1
    FORM_BYTES = 2
    FORM_DIGITS = 3
    FORM_PRINTABLE = 4
    FORM_ALPHANUMERIC = 5
    FORM_ASCII = 6

cdef struct Field:
    int known
    int form
    int prefix
    int prefix_bytes
    int fixed_bytes
    int counts_digits
    int maximum
    int pads_left
    int strips

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)

cdef int NOT_WELL_FORMED = -1
cdef const uint8_t* _HEXADECIMAL = b"0123456789ABCDEF"

cdef extern from *:
    int __builtin_clzll(unsigned long long) nogil

_PREFIXES = {"bcd": PREFIX_BCD, "ascii": PREFIX_ASCII, "ebcdic": PREFIX_EBCDIC, "ebcdic1047": PREFIX_EBCDIC,
             "binary": PREFIX_BINARY}


cdef inline int _hexadecimal(uint8_t byte) noexcept nogil:
    if 48 <= byte <= 57:
        return byte - 48
    if 65 <= byte <= 70:
        return byte - 55
    return -1


_FORMS = {"n": FORM_DIGITS, "ans": FORM_PRINTABLE, "an": FORM_ALPHANUMERIC, "text": FORM_ASCII}


cdef inline bint _belongs(int form, uint8_t byte) noexcept nogil:
    if form == FORM_ASCII:
        return byte < 0x80
    if form == FORM_DIGITS:
        return 48 <= byte <= 57
    if form == FORM_PRINTABLE:
        return 32 <= byte <= 126
    return 48 <= byte <= 57 or 65 <= byte <= 90 or 97 <= byte <= 122


cdef class _Plan:
    """What a response type needs: its bytes, and the fields that it echoes in order."""

    cdef uint8_t head[4]
    cdef int echoed[FIELD_LIMIT]
    cdef int count


cdef class CompiledCodec:
    """Views and responses of one spec; `compiled_codec(spec)` keeps one for each. Not for two threads at once."""

    cdef Field fields[FIELD_LIMIT]
    cdef object table
    cdef object spec
    cdef list codecs
    cdef dict plans
    cdef int mti_bytes, mti_bcd, mti_zero, word_bytes, always_two, payload_maximum
    cdef uint8_t* buffer

    def __cinit__(self, spec):
        self.buffer = NULL

    def __dealloc__(self):
        free(self.buffer)

    def __init__(self, spec):
        cdef int number
        self.spec = spec
        self.table = codec_table(spec)
        self.codecs = self.table.fields
        self.mti_bytes = self.table.mti_bytes
        self.mti_bcd = spec.mti_encoding == "bcd"
        self.mti_zero = 0x30 if spec.mti_encoding == "ascii" else 0xF0
        self.word_bytes = self.table.bitmap_word_bytes
        self.always_two = spec.bitmap_bytes == 16
        self.payload_maximum = spec.payload_maximum_bytes
        self.plans = {}
        self.buffer = <uint8_t*> malloc(self.payload_maximum)
        if self.buffer == NULL:
            raise MemoryError
        for number in range(FIELD_LIMIT):
            self.fields[number].known = 0
            field = spec.fields.get(number)
            if field is not None:
                self._set_field(number, field, self.codecs[number])

    cdef _set_field(self, int number, field, codec):
        cdef Field* known = &self.fields[number]
        known.known = 1
        known.prefix = PREFIX_NONE if codec.prefix_bytes == 0 else _PREFIXES[codec.prefix_encoding]
        known.prefix_bytes = codec.prefix_bytes
        known.fixed_bytes = codec.fixed_bytes
        known.counts_digits = codec.counts_digits
        known.maximum = codec.maximum
        known.pads_left = field.pad == "left"
        known.strips = field.justify == "left" and field.fill == " "
        known.form = FORM_PYTHON
        if field.kind == "b" and field.encoding == "binary":
            known.form = FORM_BYTES
        elif field.kind == "n" and field.encoding == "bcd" and field.justify is None:
            known.form = FORM_BCD
        elif field.encoding == "ascii" and field.kind != "z" and (field.justify is None or known.strips):
            known.form = FORM_ASCII
            if self.spec.characters == "codec":
                known.form = _FORMS[field.kind]

    cdef int locate(self, const uint8_t* p, int size, int32_t* offsets, int* mti) noexcept nogil:
        """Offsets by field number, ABSENT where a message lacks it; `offsets[FIELD_LIMIT]` counts the fields.

        Returns the highest field, or -1 where the payload is not well-formed.
        """
        cdef uint64_t words[3]
        cdef int word_count = 1, index, number, at, pair, place, word, last = 0, present = 0
        cdef int64_t count
        cdef Field* field
        cdef uint64_t bits
        if size < self.mti_bytes + self.word_bytes or size > self.payload_maximum:
            return NOT_WELL_FORMED
        mti[0] = 0
        if self.mti_bcd:
            for index in range(2):
                if p[index] >> 4 > 9 or (p[index] & 15) > 9:
                    return NOT_WELL_FORMED
                mti[0] = mti[0] * 100 + (p[index] >> 4) * 10 + (p[index] & 15)
        else:
            for index in range(4):
                pair = p[index] - self.mti_zero
                if pair < 0 or pair > 9:
                    return NOT_WELL_FORMED
                mti[0] = mti[0] * 10 + pair
        at = self.mti_bytes
        words[1] = words[2] = 0
        word = 0
        while True:
            if at + self.word_bytes > size:
                return NOT_WELL_FORMED
            bits = 0
            if self.word_bytes == 8:
                for index in range(8):
                    bits = bits << 8 | p[at + index]
            else:
                for index in range(16):
                    pair = _hexadecimal(p[at + index])
                    if pair < 0:
                        return NOT_WELL_FORMED
                    bits = bits << 4 | <uint64_t> pair
            at += self.word_bytes
            if word > 0 and bits == 0 and not self.always_two:
                return NOT_WELL_FORMED
            words[word] = bits
            word += 1
            if self.always_two:
                if word == 2:
                    break
                if bits >> 63:
                    return NOT_WELL_FORMED
                continue
            if word == 3:
                if bits >> 63:
                    return NOT_WELL_FORMED
                break
            if not bits >> 63:
                break
        word_count = word
        for number in range(FIELD_LIMIT):
            offsets[number] = ABSENT
        for word in range(word_count):
            bits = words[word]
            if word < 2 and word_count > word + 1 and not self.always_two:
                bits &= ~(<uint64_t> 1 << 63)
            while bits:
                index = __builtin_clzll(bits)
                bits &= ~(<uint64_t> 1 << (63 - index))
                number = word * 64 + index + 1
                field = &self.fields[number]
                if not field.known:
                    return NOT_WELL_FORMED
                offsets[number] = at
                last = number
                present += 1
                if field.prefix == PREFIX_NONE:
                    at += field.fixed_bytes
                else:
                    if at + field.prefix_bytes > size:
                        return NOT_WELL_FORMED
                    count = 0
                    for place in range(field.prefix_bytes):
                        pair = p[at + place]
                        if field.prefix == PREFIX_BCD:
                            if pair >> 4 > 9 or (pair & 15) > 9:
                                return NOT_WELL_FORMED
                            count = count * 100 + (pair >> 4) * 10 + (pair & 15)
                        elif field.prefix == PREFIX_BINARY:
                            count = count << 8 | pair
                        else:
                            pair -= 0x30 if field.prefix == PREFIX_ASCII else 0xF0
                            if pair < 0 or pair > 9:
                                return NOT_WELL_FORMED
                            count = count * 10 + pair
                    if count > field.maximum or count < 0:
                        return NOT_WELL_FORMED
                    at += field.prefix_bytes + <int> ((count + 1) // 2 if field.counts_digits else count)
                if at > size:
                    return NOT_WELL_FORMED
        if at != size:
            return NOT_WELL_FORMED
        offsets[FIELD_LIMIT] = present
        return last

    def view(self, bytes payload not None):
        """Find the fields of a payload. Raises ProtocolFault where it is not well-formed."""
        cdef CompiledView view = CompiledView.__new__(CompiledView)
        cdef int mti = 0
        view.last = self.locate(
            <const uint8_t*> PyBytes_AS_STRING(payload), <int> PyBytes_GET_SIZE(payload), view.offsets, &mti
        )
        if view.last < 0:
            raise self._fault(payload)
        view.codec = self
        view.payload = payload
        view.number = mti
        return view

    cdef bytes respond(self, CompiledView request, dict fields, mac):
        cdef const uint8_t* source = <const uint8_t*> PyBytes_AS_STRING(request.payload)
        cdef _Plan plan = self._plan(request.mti) if request.number not in self.plans else self.plans[request.number]
        cdef int given[FIELD_LIMIT]
        cdef int given_count = 0, place = 0, index = 0, number, last, at, start, end, slot
        cdef uint64_t words[3]
        words[0] = words[1] = words[2] = 0
        for key in fields:
            if not isinstance(key, int) or not 0 < key < FIELD_LIMIT or not self.fields[<int> key].known:
                raise self.table.unknown_field(key)
            number = key
            # Kept in ascending order; there are few, and callers mostly give them so.
            slot = given_count
            while slot > 0 and given[slot - 1] > number:
                given[slot] = given[slot - 1]
                slot -= 1
            given[slot] = number
            given_count += 1
            words[(number - 1) >> 6] |= <uint64_t> 1 << (63 - ((number - 1) & 63))
        last = given[given_count - 1] if given_count else 0
        for index in range(plan.count):
            number = plan.echoed[index]
            if request.offsets[number] >= 0:
                words[(number - 1) >> 6] |= <uint64_t> 1 << (63 - ((number - 1) & 63))
                last = max(last, number)
        if mac is not None:
            number = 128 if last > 64 else 64
            words[(number - 1) >> 6] |= <uint64_t> 1 << (63 - ((number - 1) & 63))
        at = self._write_head(plan, words, self.buffer)
        index = 0
        while index < plan.count or place < given_count:
            if place < given_count and (index >= plan.count or given[place] <= plan.echoed[index]):
                number = given[place]
                if index < plan.count and plan.echoed[index] == number:
                    index += 1
                place += 1
                at = self._write(number, fields[number], at)
                continue
            number = plan.echoed[index]
            index += 1
            start = request.offsets[number]
            if start < 0:
                continue
            end = request.end_of(number)
            if at + end - start > self.payload_maximum:
                raise self._oversize(at + end - start)
            memcpy(self.buffer + at, source + start, end - start)
            at += end - start
        cdef bytes payload = PyBytes_FromStringAndSize(<char*> self.buffer, at)
        if mac is not None:
            payload += mac.sign(payload)
            if len(payload) > self.payload_maximum:
                raise self._oversize(len(payload))
        return payload

    cdef _Plan _plan(self, str request_mti):
        cdef _Plan plan = _Plan.__new__(_Plan)
        cdef int number
        mti = response_of(request_mti)
        cdef bytes head = self.table.write_mti(mti)
        memcpy(plan.head, PyBytes_AS_STRING(head), self.mti_bytes)
        plan.count = 0
        for number in sorted(self.spec.echo_of(mti)):
            plan.echoed[plan.count] = number
            plan.count += 1
        self.plans[int(request_mti)] = plan
        return plan

    cdef int _write_head(self, _Plan plan, uint64_t* words, uint8_t* target) noexcept:
        """Message type and bitmap; returns their size."""
        cdef int at, index, place, count
        cdef uint64_t word
        memcpy(target, plan.head, self.mti_bytes)
        at = self.mti_bytes
        count = 3 if words[2] else (2 if words[1] or self.always_two else 1)
        if count > 1 and not self.always_two:
            words[0] |= <uint64_t> 1 << 63
        if count > 2:
            words[1] |= <uint64_t> 1 << 63
        for index in range(count):
            word = words[index]
            if self.word_bytes == 8:
                for place in range(8):
                    target[at + place] = <uint8_t> (word >> (56 - 8 * place))
            else:
                for place in range(16):
                    target[at + place] = _HEXADECIMAL[(word >> (60 - 4 * place)) & 15]
            at += self.word_bytes
        return at

    cdef int _write_text(self, Field* field, const char* text, int size, int at) noexcept:
        """Plain digits or ASCII; returns the next offset, or -1 where the full codec must judge."""
        cdef int place, high, low, count = size
        if field.form == FORM_BCD:
            if field.prefix != PREFIX_NONE or not field.counts_digits or size != field.maximum or size & 1:
                return -1
            for place in range(size >> 1):
                high = text[2 * place] - 48
                low = text[2 * place + 1] - 48
                if not (0 <= high <= 9 and 0 <= low <= 9):
                    return -1
                self.buffer[at + place] = <uint8_t> (high << 4 | low)
            return at + (size >> 1)
        if field.form < FORM_DIGITS or field.strips:
            return -1
        if field.prefix == PREFIX_NONE:
            if size != field.fixed_bytes:
                return -1
        elif size > field.maximum or field.prefix not in (PREFIX_BCD, PREFIX_ASCII):
            return -1
        else:
            for place in range(field.prefix_bytes - 1, -1, -1):
                if field.prefix == PREFIX_BCD:
                    self.buffer[at + place] = <uint8_t> ((count // 10 % 10) << 4 | count % 10)
                    count //= 100
                else:
                    self.buffer[at + place] = <uint8_t> (48 + count % 10)
                    count //= 10
            at += field.prefix_bytes
        for place in range(size):
            if not _belongs(field.form, <uint8_t> text[place]):
                return -1
            self.buffer[at + place] = <uint8_t> text[place]
        return at + size

    cdef int _write(self, int number, value, int at) except -1:
        """A field into the buffer; short cuts for plain text, the field's own codec for the rest."""
        cdef Field* field = &self.fields[number]
        cdef const char* text
        cdef Py_ssize_t size = 0
        cdef int place
        cdef bytes piece
        if field.form != FORM_PYTHON and type(value) is str and PyUnicode_IS_ASCII(value):
            text = PyUnicode_AsUTF8AndSize(value, &size)
            if at + field.prefix_bytes + size <= self.payload_maximum:
                place = self._write_text(field, text, <int> size, at)
                if place >= 0:
                    return place
        piece = self.codecs[number].write(value)
        if at + PyBytes_GET_SIZE(piece) > self.payload_maximum:
            raise self._oversize(at + PyBytes_GET_SIZE(piece))
        memcpy(self.buffer + at, PyBytes_AS_STRING(piece), PyBytes_GET_SIZE(piece))
        return at + <int> PyBytes_GET_SIZE(piece)

    cdef object _read(self, int number, const uint8_t* p, int start, int end, bytes payload):
        """Value of a field; short cuts for digits, text and bytes, the field's own codec for the rest."""
        cdef Field* field = &self.fields[number]
        cdef char text[2048]
        cdef int count, place, at, high, low
        cdef int content = start + field.prefix_bytes
        cdef int size = end - content
        if field.form == FORM_BYTES:
            return payload[content:end]
        if field.form == FORM_BCD and size <= 1024 and field.counts_digits:
            at = 0
            for place in range(content, end):
                high = p[place] >> 4
                low = p[place] & 15
                if high > 9 or low > 9:
                    return self.codecs[number].read(payload, start)[0]
                text[at] = 48 + high
                text[at + 1] = 48 + low
                at += 2
            count = field.maximum
            if field.prefix != PREFIX_NONE:
                # Only the prefix knows whether the last nibble is a digit or the filler.
                return self.codecs[number].read(payload, start)[0] if (size and self._is_odd(field, p, start)) \
                    else PyUnicode_DecodeASCII(text, at, NULL)
            if at == count:
                return PyUnicode_DecodeASCII(text, at, NULL)
            if field.pads_left and text[0] == 48:
                return PyUnicode_DecodeASCII(text + 1, at - 1, NULL)
            return self.codecs[number].read(payload, start)[0]
        if field.form >= FORM_DIGITS:
            if field.strips:
                while end > content and p[end - 1] == 32:
                    end -= 1
            for place in range(content, end):
                if not _belongs(field.form, p[place]):
                    return self.codecs[number].read(payload, start)[0]
            return PyUnicode_DecodeASCII(<const char*> p + content, end - content, NULL)
        return self.codecs[number].read(payload, start)[0]

    cdef int _is_odd(self, Field* field, const uint8_t* p, int start) noexcept nogil:
        return p[start + field.prefix_bytes - 1] & 1

    cdef object _fault(self, bytes payload):
        try:
            decode(self.spec, payload)
        except ProtocolFault as fault:
            return fault
        return AssertionError("the compiled and the plain decoder disagree")

    cdef object _oversize(self, int actual):
        return ProtocolFault(
            FaultCode.OVERSIZE_FRAME, expected=self.payload_maximum, actual=actual, side="local"
        )

    def exchange(self, bytes stream not None, given):
        """Locate every message of a stream of frames and build the response to each, all over C buffers.

        `stream` holds whole frames, each with two bytes of length; a last one that is cut short is left. `given`
        maps a field to a sequence of its bytes, prefix included, one for each message. Returns the framed responses
        in one piece. Raises ProtocolFault of the first payload that is not well-formed.
        """
        cdef const uint8_t* p = <const uint8_t*> PyBytes_AS_STRING(stream)
        cdef Py_ssize_t size = PyBytes_GET_SIZE(stream), at = 0, body, out_at = 0, room
        cdef int32_t offsets[OFFSETS]
        cdef int mti = 0, last, length, number, start, end, following
        cdef int order[FIELD_LIMIT]
        cdef PyObject* columns[FIELD_LIMIT]
        cdef int ordered = 0, place, index = 0, previous_mti = -1
        cdef uint64_t words[3]
        cdef uint64_t fixed[3]
        cdef PyObject* piece
        cdef _Plan plan = None
        cdef uint8_t* target
        cdef bytes out
        # Held here, so that every pointer below lives as long as this call, whatever kind of mapping `given` is.
        held = {number: list(column) for number, column in given.items()}
        for key in held:
            if not isinstance(key, int) or not 0 < key < FIELD_LIMIT or not self.fields[<int> key].known:
                raise self.table.unknown_field(key)
        messages = min([len(column) for column in held.values()], default=size)
        # A response is never longer than its request's fields, its own, and a bitmap that has grown.
        room = size + _RESPONSE_GROWTH * min(<Py_ssize_t> messages, size // 2 + 1)
        for column in held.values():
            for index in range(<int> messages if column else 0):
                room += PyBytes_Size(column[index])
        index = 0
        out = PyBytes_FromStringAndSize(NULL, room)
        target = <uint8_t*> PyBytes_AS_STRING(out)
        while at + 2 <= size and index < messages:
            length = p[at] << 8 | p[at + 1]
            if at + 2 + length > size:
                break
            last = self.locate(p + at + 2, length, offsets, &mti)
            if last < 0:
                raise self._fault(stream[at + 2 : at + 2 + length])
            if mti != previous_mti:
                previous_mti = mti
                plan = self._plan(f"{mti:04d}")
                ordered = 0
                fixed[0] = fixed[1] = fixed[2] = 0
                for number in sorted({*held, *[plan.echoed[place] for place in range(plan.count)]}):
                    columns[ordered] = NULL
                    if number in held:
                        columns[ordered] = <PyObject*> held[number]
                        fixed[(number - 1) >> 6] |= <uint64_t> 1 << (63 - ((number - 1) & 63))
                    order[ordered] = number
                    ordered += 1
            words[0] = fixed[0]
            words[1] = fixed[1]
            words[2] = fixed[2]
            for place in range(ordered):
                number = order[place]
                if columns[place] == NULL and offsets[number] >= 0:
                    words[(number - 1) >> 6] |= <uint64_t> 1 << (63 - ((number - 1) & 63))
            body = out_at + 2
            body += self._write_head(plan, words, target + body)
            for place in range(ordered):
                number = order[place]
                if columns[place] != NULL:
                    piece = <PyObject*> PyList_GetItem(<list> columns[place], index)
                    end = <int> PyBytes_Size(<object> piece)
                    if body - out_at - 2 + end > self.payload_maximum:
                        raise self._oversize(body - out_at - 2 + end)
                    memcpy(target + body, PyBytes_AS_STRING(<object> piece), end)
                    body += end
                elif offsets[number] >= 0:
                    start = offsets[number]
                    end = length
                    for following in range(number + 1, last + 1):
                        if offsets[following] >= 0:
                            end = offsets[following]
                            break
                    if body - out_at - 2 + end - start > self.payload_maximum:
                        raise self._oversize(body - out_at - 2 + end - start)
                    memcpy(target + body, p + at + 2 + start, end - start)
                    body += end - start
            target[out_at] = <uint8_t> ((body - out_at - 2) >> 8)
            target[out_at + 1] = <uint8_t> ((body - out_at - 2) & 255)
            out_at = body
            at += 2 + length
            index += 1
        return out[:out_at]


cdef class CompiledView:
    """A payload whose fields are decoded one by one, when they are asked for; see `protocol.codec.view`."""

    cdef CompiledCodec codec
    cdef readonly bytes payload
    cdef int number
    cdef int last
    cdef int32_t offsets[OFFSETS]

    def __init__(self):
        raise TypeError("views are made by a codec")

    cdef int end_of(self, int number):
        cdef int following
        for following in range(number + 1, self.last + 1):
            if self.offsets[following] >= 0:
                return self.offsets[following]
        return <int> PyBytes_GET_SIZE(self.payload)

    @property
    def mti(self):
        """Message type."""
        return f"{self.number:04d}"

    def __contains__(self, number):
        return 0 < number < FIELD_LIMIT and self.offsets[<int> number] >= 0

    @property
    def numbers(self):
        """Fields of the message, ascending."""
        cdef int number
        return tuple([number for number in range(2, FIELD_LIMIT) if self.offsets[number] >= 0])

    def __getitem__(self, int number):
        if not 0 < number < FIELD_LIMIT or self.offsets[number] < 0:
            raise KeyError(number)
        return self.codec._read(
            number,
            <const uint8_t*> PyBytes_AS_STRING(self.payload),
            self.offsets[number],
            self.end_of(number),
            self.payload,
        )

    def text(self, int number):
        """Value of a text field; KeyError where the message lacks it, TypeError where it is another kind."""
        value = self[number]
        if not isinstance(value, str):
            raise TypeError(f"field {number} is not text")
        return value

    def respond(self, dict fields, mac=None):
        """Payload of the response: what its type echoes, byte for byte, and `fields`, which come first.

        With `mac` it is sealed by it: `fields` then has no MAC. Raises ProtocolFault of the local side.
        """
        return self.codec.respond(self, fields, mac)

    def span(self, int number):
        """Where a field stands in the payload, its length prefix included."""
        if not 0 < number < FIELD_LIMIT or self.offsets[number] < 0:
            raise KeyError(number)
        return self.offsets[number], self.end_of(number)

    def raw(self, int number):
        """Bytes of a field with its length prefix."""
        start, end = self.span(number)
        return self.payload[start:end]

    def message(self):
        """All fields, read now."""
        return Message(self.mti, {number: self[number] for number in self.numbers})


compiled_codec = cache(CompiledCodec)
