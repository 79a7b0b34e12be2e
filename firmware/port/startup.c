// From reset to main: the vector table, and memory as C expects it.

#include <stdint.h>
#include <string.h>

#include "py/mphal.h"
#include "shared/runtime/semihosting_arm.h"

extern uint32_t stack_top, data_image, data_start, data_end, bss_start, bss_end;

int main(void);
void systick(void);
void uart1_interrupt(void);
void uart2_interrupt(void);
void uart3_interrupt(void);
void uart4_interrupt(void);

void reset(void) {
    memcpy(&data_start, &data_image, (char *)&data_end - (char *)&data_start);
    memset(&bss_start, 0, (char *)&bss_end - (char *)&bss_start);
    mp_semihosting_init();
    mp_semihosting_exit(main());
}

// A fault ends the emulator, so that a test sees it at once and not at its time limit.
static void fault(void) {
    static const char text[] = "processor fault\n";
    mp_hal_stdout_tx_strn(text, sizeof(text) - 1);
    mp_semihosting_exit(1);
}

// Numbers of the board's interrupts, after the processor's own sixteen.
#define BOARD(line) (16 + (line))

__attribute__((section(".vectors"), used)) static const void *const vectors[BOARD(32)] = {
    [0] = &stack_top,
    [1] = reset,
    [2 ... 14] = fault,
    [15] = systick,
    [BOARD(0) ... BOARD(1)] = fault,
    [BOARD(2) ... BOARD(3)] = uart1_interrupt,
    [BOARD(4) ... BOARD(5)] = uart2_interrupt,
    [BOARD(6) ... BOARD(17)] = fault,
    [BOARD(18) ... BOARD(19)] = uart3_interrupt,
    [BOARD(20) ... BOARD(21)] = uart4_interrupt,
    [BOARD(22) ... BOARD(31)] = fault,
};
