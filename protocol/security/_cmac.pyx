# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""AES-CMAC by the processor's own AES instructions, for links where it is computed half a million times a second.

The same as `protocol.security.mac.Mac`, which uses OpenSSL and works everywhere. The cipher is the processor's
(Intel, Advanced Encryption Standard New Instructions, 2010): no tables, so no timing tells of key or data.
Only the order of the blocks is done here (RFC 4493 section 2.4).
"""

from libc.stdint cimport uint8_t
from libc.string cimport memcpy

cdef extern from *:
    """
    #if defined(__x86_64__) && defined(__GNUC__)
    #include <immintrin.h>
    #define VAFA_AES __attribute__((target("aes,sse4.1")))

    static int vafa_has_aes(void) { __builtin_cpu_init(); return __builtin_cpu_supports("aes") != 0; }

    VAFA_AES static __m128i vafa_mix(__m128i key, __m128i generated) {
        generated = _mm_shuffle_epi32(generated, 0xff);
        key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
        key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
        key = _mm_xor_si128(key, _mm_slli_si128(key, 4));
        return _mm_xor_si128(key, generated);
    }

    #define VAFA_ROUND(n, constant) \\
        key = vafa_mix(key, _mm_aeskeygenassist_si128(key, constant)); \\
        _mm_storeu_si128((__m128i *)(schedule + 16 * (n)), key)

    VAFA_AES static void vafa_expand(const unsigned char *bytes, unsigned char *schedule) {
        __m128i key = _mm_loadu_si128((const __m128i *)bytes);
        _mm_storeu_si128((__m128i *)schedule, key);
        VAFA_ROUND(1, 0x01); VAFA_ROUND(2, 0x02); VAFA_ROUND(3, 0x04); VAFA_ROUND(4, 0x08);
        VAFA_ROUND(5, 0x10); VAFA_ROUND(6, 0x20); VAFA_ROUND(7, 0x40); VAFA_ROUND(8, 0x80);
        VAFA_ROUND(9, 0x1b); VAFA_ROUND(10, 0x36);
    }

    VAFA_AES static void vafa_chain(const unsigned char *schedule, unsigned char *state,
                                    const unsigned char *blocks, Py_ssize_t count) {
        const __m128i *keys = (const __m128i *)schedule;
        __m128i key[11], block = _mm_loadu_si128((const __m128i *)state);
        int index;
        Py_ssize_t place;
        for (index = 0; index < 11; index++) key[index] = _mm_loadu_si128(keys + index);
        for (place = 0; place < count; place++) {
            block = _mm_xor_si128(block, _mm_loadu_si128((const __m128i *)(blocks + 16 * place)));
            block = _mm_xor_si128(block, key[0]);
            for (index = 1; index < 10; index++) block = _mm_aesenc_si128(block, key[index]);
            block = _mm_aesenclast_si128(block, key[10]);
        }
        _mm_storeu_si128((__m128i *)state, block);
    }
    #else
    static int vafa_has_aes(void) { return 0; }
    static void vafa_expand(const unsigned char *bytes, unsigned char *schedule) { }
    static void vafa_chain(const unsigned char *schedule, unsigned char *state,
                           const unsigned char *blocks, Py_ssize_t count) { }
    #endif
    """
    int vafa_has_aes() nogil
    void vafa_expand(const unsigned char* key, unsigned char* schedule) nogil
    void vafa_chain(
        const unsigned char* schedule, unsigned char* state, const unsigned char* blocks, Py_ssize_t count
    ) nogil

cdef enum:
    _BLOCK = 16
    _REDUCTION = 0x87  # of the field with 2^128 elements (RFC 4493 section 2.3)

IS_AVAILABLE = bool(vafa_has_aes())


cdef void _double(uint8_t* block) noexcept nogil:
    """Multiplies by x in the field."""
    cdef int place, carry = block[0] >> 7
    for place in range(_BLOCK - 1):
        block[place] = <uint8_t> (block[place] << 1 | block[place + 1] >> 7)
    block[_BLOCK - 1] = <uint8_t> (block[_BLOCK - 1] << 1) ^ (<uint8_t> _REDUCTION if carry else 0)


cdef class AesCmac:
    """Signs and checks with one AES-128 key; instances may be kept and shared."""

    def __init__(self, bytes key not None):
        """RuntimeError where the processor has no AES instructions (see IS_AVAILABLE)."""
        cdef uint8_t zero[_BLOCK]
        cdef int place
        if not IS_AVAILABLE:
            raise RuntimeError("this processor has no AES instructions")
        if len(key) != _BLOCK:
            raise ValueError("an AES-128 key has 16 bytes")
        vafa_expand(<const unsigned char*> key, self.schedule)
        for place in range(_BLOCK):
            self.last_masks[place] = zero[place] = 0
        vafa_chain(self.schedule, self.last_masks, zero, 1)
        _double(self.last_masks)
        memcpy(self.last_masks + _BLOCK, self.last_masks, _BLOCK)
        _double(self.last_masks + _BLOCK)

    cdef void digest_into(self, const uint8_t* content, Py_ssize_t size, uint8_t* sixteen) noexcept nogil:
        cdef uint8_t last[_BLOCK]
        cdef Py_ssize_t whole = (size - 1) // _BLOCK if size else 0, rest = size - whole * _BLOCK, place
        for place in range(_BLOCK):
            sixteen[place] = last[place] = 0
        memcpy(last, content + whole * _BLOCK, rest)
        if rest < _BLOCK:
            last[rest] = 0x80
        for place in range(_BLOCK):
            last[place] ^= self.last_masks[place + (_BLOCK if rest < _BLOCK else 0)]
        vafa_chain(self.schedule, sixteen, content, whole)
        vafa_chain(self.schedule, sixteen, last, 1)

    cdef void sign_into(self, const uint8_t* covered, Py_ssize_t size, uint8_t* mac) noexcept nogil:
        cdef uint8_t digest[_BLOCK]
        self.digest_into(covered, size, digest)
        memcpy(mac, digest, MAC_SIZE)

    cdef bint verifies(self, const uint8_t* payload, Py_ssize_t size) noexcept nogil:
        cdef uint8_t mac[MAC_SIZE]
        cdef uint8_t difference = 0
        cdef int place
        if size <= MAC_SIZE:
            return False
        self.sign_into(payload, size - MAC_SIZE, mac)
        for place in range(MAC_SIZE):
            difference |= mac[place] ^ payload[size - MAC_SIZE + place]
        return difference == 0

    def digest(self, bytes content not None):
        """All 16 bytes of the CMAC: a keyed digest of anything."""
        cdef uint8_t found[_BLOCK]
        self.digest_into(<const uint8_t*> content, len(content), found)
        return bytes(found[:_BLOCK])

    def sign(self, bytes covered not None):
        """MAC of everything that stands before the MAC field."""
        cdef uint8_t mac[MAC_SIZE]
        self.sign_into(<const uint8_t*> covered, len(covered), mac)
        return bytes(mac[:MAC_SIZE])

    def verify(self, bytes payload not None):
        """Whether the payload's last 8 bytes authenticate the rest; compares in constant time."""
        return bool(self.verifies(<const uint8_t*> payload, len(payload)))
