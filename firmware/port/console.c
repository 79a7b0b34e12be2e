// Standard input and output: the board's first UART (CMSDK APB UART), by polling.

#include "py/mphal.h"
#include "py/runtime.h"
#include "py/stream.h"

#define UART_DATA (*(volatile uint32_t *)0x40004000)
#define UART_STATE (*(volatile uint32_t *)0x40004004)
#define UART_CONTROL (*(volatile uint32_t *)0x40004008)
#define UART_DIVIDER (*(volatile uint32_t *)0x40004010)
#define STATE_TX_FULL (1)
#define STATE_RX_FULL (2)
#define CONTROL_TX_AND_RX (3)
#define SMALLEST_DIVIDER (16)

void console_start(void) {
    UART_DIVIDER = SMALLEST_DIVIDER;
    UART_CONTROL = CONTROL_TX_AND_RX;
}

mp_uint_t mp_hal_stdout_tx_strn(const char *text, size_t length) {
    for (size_t index = 0; index < length; index++) {
        while (UART_STATE & STATE_TX_FULL) {
        }
        UART_DATA = (uint8_t)text[index];
    }
    return length;
}

uintptr_t mp_hal_stdio_poll(uintptr_t wanted) {
    uintptr_t ready = MP_STREAM_POLL_WR;
    if (UART_STATE & STATE_RX_FULL) {
        ready |= MP_STREAM_POLL_RD;
    }
    return wanted & ready;
}

int mp_hal_stdin_rx_chr(void) {
    while (!(UART_STATE & STATE_RX_FULL)) {
        mp_event_wait_ms(1);
    }
    return (uint8_t)UART_DATA;
}
