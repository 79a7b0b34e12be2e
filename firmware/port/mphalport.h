// What the port's own files offer to each other and to MicroPython.
#pragma once

#include <stdint.h>

#include "shared/runtime/interrupt_char.h"

void clock_start(void);
void console_start(void);
// Seconds since 1970 UTC: the host's clock stands for a battery-backed one.
uint32_t wall_seconds(void);

// For what interrupts share with the program.
static inline uint32_t disable_irq(void) {
    uint32_t state;
    __asm volatile ("mrs %0, primask\n cpsid i" : "=r" (state) : : "memory");
    return state;
}

static inline void enable_irq(uint32_t state) {
    __asm volatile ("msr primask, %0" : : "r" (state) : "memory");
}
