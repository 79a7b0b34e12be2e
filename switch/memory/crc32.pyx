# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""CRC-32 (ISO 3309, the one of zlib) by carry-less multiplication where the processor has it.

Sixteen bytes at a time are folded into four registers, then into one, and reduced (Gopal and others, Fast CRC
Computation for Generic Polynomials Using PCLMULQDQ Instruction, Intel 2009). What is left over, and everything on
other processors, goes byte by byte through a table.
"""

from libc.stdint cimport uint8_t, uint32_t

cdef extern from *:
    """
    #include <stdint.h>
    #if defined(__x86_64__) && defined(__GNUC__)
    #include <immintrin.h>
    #define VAFA_CLMUL __attribute__((target("pclmul,sse4.1")))
    #define VAFA_FOLD(value, factors) _mm_xor_si128( \\
        _mm_clmulepi64_si128(value, factors, 0x00), _mm_clmulepi64_si128(value, factors, 0x11))

    static int vafa_has_clmul(void) {
        __builtin_cpu_init();
        return __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("sse4.1");
    }

    /* At least 64 bytes, a multiple of 16. */
    VAFA_CLMUL static uint32_t vafa_crc_blocks(uint32_t crc, const uint8_t *data, Py_ssize_t size) {
        const __m128i by_four = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4);
        const __m128i by_one = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
        const __m128i by_half = _mm_set_epi64x(0, 0x0163cd6124);
        const __m128i barrett = _mm_set_epi64x(0x01f7011641, 0x01db710641);
        const __m128i low_words = _mm_setr_epi32(~0, 0, ~0, 0);
        __m128i part[4], sum, folded;
        int index;
        for (index = 0; index < 4; index++) part[index] = _mm_loadu_si128((const __m128i *)data + index);
        part[0] = _mm_xor_si128(part[0], _mm_cvtsi32_si128((int)crc));
        for (data += 64, size -= 64; size >= 64; data += 64, size -= 64)
            for (index = 0; index < 4; index++)
                part[index] = _mm_xor_si128(
                    VAFA_FOLD(part[index], by_four), _mm_loadu_si128((const __m128i *)data + index));
        sum = part[0];
        for (index = 1; index < 4; index++) sum = _mm_xor_si128(VAFA_FOLD(sum, by_one), part[index]);
        for (; size >= 16; data += 16, size -= 16)
            sum = _mm_xor_si128(VAFA_FOLD(sum, by_one), _mm_loadu_si128((const __m128i *)data));
        sum = _mm_xor_si128(_mm_srli_si128(sum, 8), _mm_clmulepi64_si128(sum, by_one, 0x10));
        folded = _mm_srli_si128(sum, 4);
        sum = _mm_clmulepi64_si128(_mm_and_si128(sum, low_words), by_half, 0x00);
        sum = _mm_xor_si128(sum, folded);
        folded = _mm_clmulepi64_si128(_mm_and_si128(sum, low_words), barrett, 0x10);
        folded = _mm_clmulepi64_si128(_mm_and_si128(folded, low_words), barrett, 0x00);
        return (uint32_t)_mm_extract_epi32(_mm_xor_si128(sum, folded), 1);
    }
    #else
    static int vafa_has_clmul(void) { return 0; }
    static uint32_t vafa_crc_blocks(uint32_t crc, const uint8_t *data, Py_ssize_t size) { return crc; }
    #endif
    """
    int vafa_has_clmul() nogil
    uint32_t vafa_crc_blocks(uint32_t crc, const uint8_t* data, Py_ssize_t size) nogil

cdef enum:
    _POLYNOMIAL = 0xEDB88320
    _BLOCKS_MIN = 64

cdef bint _HAS_CLMUL = vafa_has_clmul()
cdef uint32_t _TABLE[256]
cdef uint32_t _value
cdef int _byte, _bit
for _byte in range(256):
    _value = _byte
    for _bit in range(8):
        _value = _value >> 1 ^ (<uint32_t> _POLYNOMIAL if _value & 1 else 0)
    _TABLE[_byte] = _value


cdef uint32_t crc32_of(uint32_t before, const uint8_t* data, Py_ssize_t size) noexcept nogil:
    cdef uint32_t crc = ~before
    cdef Py_ssize_t whole = size & ~<Py_ssize_t> 15 if _HAS_CLMUL and size >= _BLOCKS_MIN else 0, index
    if whole:
        crc = vafa_crc_blocks(crc, data, whole)
    for index in range(whole, size):
        crc = crc >> 8 ^ _TABLE[(crc ^ data[index]) & 0xFF]
    return ~crc


def crc32(bytes data not None, uint32_t before=0):
    """As `zlib.crc32`."""
    return crc32_of(before, data, len(data))
