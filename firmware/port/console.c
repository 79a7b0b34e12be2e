// Standard output: the board's first UART (CMSDK APB UART), by polling.

#include "py/mphal.h"

#define UART_DATA (*(volatile uint32_t *)0x40004000)
#define UART_STATE (*(volatile uint32_t *)0x40004004)
#define UART_CONTROL (*(volatile uint32_t *)0x40004008)
#define UART_DIVIDER (*(volatile uint32_t *)0x40004010)
#define STATE_TX_FULL (1)
#define CONTROL_TX (1)
#define SMALLEST_DIVIDER (16)

void console_start(void) {
    UART_DIVIDER = SMALLEST_DIVIDER;
    UART_CONTROL = CONTROL_TX;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    for (size_t index = 0; index < length; index++) {
        while (UART_STATE & STATE_TX_FULL) {
        }
        UART_DATA = (uint8_t)text[index];
    }
    return length;
}
