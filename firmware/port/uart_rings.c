// A byte that finds its ring full stays in the UART, and the other end waits: nothing is lost.

#include "uart_rings.h"
#include "py/mphal.h"

#define STATE_TX_FULL (1)
#define STATE_RX_FULL (2)
#define CONTROL_TX (1)
#define CONTROL_RX (2)
#define CONTROL_TX_INTERRUPT (4)
#define CONTROL_RX_INTERRUPT (8)
#define INTERRUPTS (3)
#define NVIC_ENABLE (*(volatile uint32_t *)0xe000e100)

typedef struct {
    uint32_t data;
    uint32_t state;
    uint32_t control;
    uint32_t interrupt; // read: pending; write: clear
    uint32_t divider;
} registers_t;

typedef struct {
    uint8_t bytes[UART_RING_BYTES];
    volatile uint32_t put;
    volatile uint32_t got;
} ring_t;

static volatile registers_t *const uarts[UART_COUNT] = {
    (void *)0x40005000, (void *)0x40006000, (void *)0x40007000, (void *)0x40009000,
};
// Each takes two lines of the interrupt controller: this one for receiving, the next for sending.
static const uint8_t lines[UART_COUNT] = {2, 4, 18, 20};

static struct {
    ring_t received;
    ring_t to_send;
} rings[UART_COUNT];

static uint32_t held(const ring_t *ring) {
    return ring->put - ring->got;
}

static void put(ring_t *ring, uint8_t byte) {
    ring->bytes[ring->put % UART_RING_BYTES] = byte;
    ring->put++;
}

static uint8_t get(ring_t *ring) {
    uint8_t byte = ring->bytes[ring->got % UART_RING_BYTES];
    ring->got++;
    return byte;
}

// Moves what can be moved between rings and UART. Interrupts are off, or this is one.
static void pump(unsigned number) {
    volatile registers_t *uart = uarts[number];
    ring_t *received = &rings[number].received;
    ring_t *to_send = &rings[number].to_send;
    uart->interrupt = INTERRUPTS;
    while ((uart->state & STATE_RX_FULL) && held(received) < UART_RING_BYTES) {
        put(received, uart->data);
    }
    while (held(to_send) && !(uart->state & STATE_TX_FULL)) {
        uart->data = get(to_send);
    }
}

void uart1_interrupt(void) {
    pump(0);
}

void uart2_interrupt(void) {
    pump(1);
}

void uart3_interrupt(void) {
    pump(2);
}

void uart4_interrupt(void) {
    pump(3);
}

void uart_start(unsigned number, uint32_t divider) {
    uart_stop(number);
    uarts[number]->divider = divider;
    uarts[number]->control = CONTROL_TX | CONTROL_RX | CONTROL_TX_INTERRUPT | CONTROL_RX_INTERRUPT;
    NVIC_ENABLE = 3u << lines[number];
}

void uart_stop(unsigned number) {
    uarts[number]->control = 0;
    rings[number].received.got = rings[number].received.put;
    rings[number].to_send.got = rings[number].to_send.put;
}

size_t uart_read(unsigned number, uint8_t *into, size_t length) {
    ring_t *ring = &rings[number].received;
    size_t taken = 0;
    while (taken < length && held(ring)) {
        into[taken++] = get(ring);
    }
    mp_uint_t state = disable_irq();
    pump(number);
    enable_irq(state);
    return taken;
}

size_t uart_write(unsigned number, const uint8_t *data, size_t length) {
    ring_t *ring = &rings[number].to_send;
    size_t given = 0;
    while (given < length && held(ring) < UART_RING_BYTES) {
        put(ring, data[given++]);
    }
    mp_uint_t state = disable_irq();
    pump(number);
    enable_irq(state);
    return given;
}

size_t uart_readable(unsigned number) {
    return held(&rings[number].received);
}

size_t uart_writable(unsigned number) {
    return UART_RING_BYTES - held(&rings[number].to_send);
}

bool uart_sent(unsigned number) {
    return held(&rings[number].to_send) == 0 && !(uarts[number]->state & STATE_TX_FULL);
}
