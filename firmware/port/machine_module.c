// What the module machine needs of the board; included by MicroPython's extmod/modmachine.c.

#define APPLICATION_RESET (*(volatile uint32_t *)0xe000ed0c)
#define RESET_REQUEST (0x05fa0004)

#define MICROPY_PY_MACHINE_EXTRA_GLOBALS \
    { MP_ROM_QSTR(MP_QSTR_UART), MP_ROM_PTR(&machine_uart_type) },

static void mp_machine_idle(void) {
    mp_event_wait_indefinite();
}

NORETURN static void mp_machine_reset(void) {
    APPLICATION_RESET = RESET_REQUEST;
    for (;;) {
    }
}

// The emulator keeps no note of why it was reset.
static mp_int_t mp_machine_reset_cause(void) {
    return 0;
}
