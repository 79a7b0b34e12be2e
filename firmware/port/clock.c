// Time since start, from the processor's own timer: one interrupt a millisecond, and its counter for what lies between.
// The time of day is the host's, by Arm semihosting.

#include "py/mphal.h"
#include "py/runtime.h"

#define CLOCK_HZ (25000000)
#define TICKS_PER_MS (CLOCK_HZ / 1000)
#define TICKS_PER_US (CLOCK_HZ / 1000000)

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xe000e010)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xe000e014)
#define SYSTICK_COUNT (*(volatile uint32_t *)0xe000e018)
#define SYSTICK_RUN_WITH_INTERRUPT (7)

#define SEMIHOSTING_TIME (0x11)
#define NANOSECONDS (1000000000ull)

static volatile uint32_t elapsed_ms;

void systick(void) {
    elapsed_ms++;
}

void clock_start(void) {
    SYSTICK_RELOAD = TICKS_PER_MS - 1;
    SYSTICK_COUNT = 0;
    SYSTICK_CONTROL = SYSTICK_RUN_WITH_INTERRUPT;
}

// The counter and the milliseconds that it belongs to: read again when the interrupt fell between the two.
static uint32_t within_ms(uint32_t *ms) {
    uint32_t count;
    do {
        *ms = elapsed_ms;
        count = SYSTICK_COUNT;
    } while (*ms != elapsed_ms);
    return TICKS_PER_MS - 1 - count;
}

mp_uint_t mp_hal_ticks_ms(void) {
    return elapsed_ms;
}

mp_uint_t mp_hal_ticks_us(void) {
    uint32_t ms;
    uint32_t ticks = within_ms(&ms);
    return ms * 1000 + ticks / TICKS_PER_US;
}

mp_uint_t mp_hal_ticks_cpu(void) {
    uint32_t ms;
    uint32_t ticks = within_ms(&ms);
    return ms * TICKS_PER_MS + ticks;
}

void mp_hal_delay_ms(mp_uint_t ms) {
    // Never less than asked for: the millisecond that runs already does not count.
    uint32_t start = elapsed_ms;
    while (elapsed_ms - start <= ms) {
        mp_event_wait_ms(1);
    }
}

void mp_hal_delay_us(mp_uint_t us) {
    uint32_t start = mp_hal_ticks_us();
    while (mp_hal_ticks_us() - start < us) {
    }
}

uint32_t wall_seconds(void) {
    register uint32_t call __asm("r0") = SEMIHOSTING_TIME;
    register uint32_t nothing __asm("r1") = 0;
    __asm volatile ("bkpt 0xab" : "+r" (call) : "r" (nothing) : "memory");
    return call;
}

uint64_t mp_hal_time_ns(void) {
    return wall_seconds() * NANOSECONDS;
}
