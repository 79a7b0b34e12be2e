// QEMU's board has NO source of entropy. What comes from here is as secret and as fresh as the 32 bytes that the host
// put into the last page of the lasting memory, and no more; without a host these are zeros, and every run gives the
// same numbers. A start takes the seed forward before it uses it, so a power cut never brings numbers back.

#include <string.h>

#include "mbedtls/sha256.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "random.h"

#define SEED ((uint8_t *)0x21fff000)
#define STATE_BYTES (32)

enum { NEXT_SEED, FIRST_STATE, NEXT_STATE, OUTPUT };

static uint8_t state[STATE_BYTES];
static bool started;

static void derive(uint8_t purpose, const uint8_t *from, uint8_t *into) {
    uint8_t input[1 + STATE_BYTES];
    input[0] = purpose;
    memcpy(input + 1, from, STATE_BYTES);
    mbedtls_sha256(input, sizeof(input), into, 0);
}

void random_fill(uint8_t *into, size_t length) {
    uint8_t block[STATE_BYTES];
    if (!started) {
        derive(FIRST_STATE, SEED, state);
        derive(NEXT_SEED, SEED, block);
        memcpy(SEED, block, STATE_BYTES);
        started = true;
    }
    while (length) {
        size_t step = length < STATE_BYTES ? length : STATE_BYTES;
        derive(OUTPUT, state, block);
        memcpy(into, block, step);
        derive(NEXT_STATE, state, block);
        memcpy(state, block, STATE_BYTES);
        into += step;
        length -= step;
    }
}

// Mbed TLS asks here for its seed.
int mbedtls_hardware_poll(void *context, unsigned char *into, size_t length, size_t *given) {
    (void)context;
    random_fill(into, length);
    *given = length;
    return 0;
}
