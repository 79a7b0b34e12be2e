// The board's four free UARTs (CMSDK APB UART) behind rings that interrupts fill and empty.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UART_COUNT (4)
#define UART_RING_BYTES (512)

// UARTs are counted from 0 here, UART1 of the board first. None of these waits.
void uart_start(unsigned number, uint32_t divider);
void uart_stop(unsigned number);
size_t uart_read(unsigned number, uint8_t *into, size_t length);
size_t uart_write(unsigned number, const uint8_t *data, size_t length);
size_t uart_readable(unsigned number);
size_t uart_writable(unsigned number);
bool uart_sent(unsigned number);
