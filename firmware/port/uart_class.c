// machine.UART of this board, numbers 1 to 4; included by MicroPython's extmod/machine_uart.c.
// Reading and writing never wait: without bytes or room they give EAGAIN, as asyncio's streams expect.

#include "py/mperrno.h"
#include "py/mphal.h"
#include "uart_rings.h"

#define CLOCK_HZ (25000000)
#define DEFAULT_BAUD (115200)
#define LEAST_DIVIDER (16)
#define FLUSH_LIMIT_MS (1000)

#define MICROPY_PY_MACHINE_UART_CLASS_CONSTANTS

struct _machine_uart_obj_t {
    mp_obj_base_t base;
    unsigned number; // from 0
};

static const machine_uart_obj_t uart_objects[UART_COUNT] = {
    {{&machine_uart_type}, 0},
    {{&machine_uart_type}, 1},
    {{&machine_uart_type}, 2},
    {{&machine_uart_type}, 3},
};

static void mp_machine_uart_print(const mp_print_t *print, mp_obj_t self_in, mp_print_kind_t kind) {
    (void)kind;
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    mp_printf(print, "UART(%u)", self->number + 1);
}

static void mp_machine_uart_init_helper(machine_uart_obj_t *self, size_t n_args, const mp_obj_t *pos_args, mp_map_t *kw_args) {
    static const mp_arg_t allowed[] = {
        {MP_QSTR_baudrate, MP_ARG_INT, {.u_int = DEFAULT_BAUD}},
    };
    mp_arg_val_t arguments[MP_ARRAY_SIZE(allowed)];
    mp_arg_parse_all(n_args, pos_args, kw_args, MP_ARRAY_SIZE(allowed), allowed, arguments);
    mp_int_t baud = arguments[0].u_int;
    if (baud <= 0 || CLOCK_HZ / baud < LEAST_DIVIDER) {
        mp_raise_ValueError(MP_ERROR_TEXT("baudrate"));
    }
    uart_start(self->number, CLOCK_HZ / baud);
}

static mp_obj_t mp_machine_uart_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    (void)type;
    mp_arg_check_num(n_args, n_kw, 1, MP_OBJ_FUN_ARGS_MAX, true);
    mp_int_t number = mp_obj_get_int(args[0]);
    if (number < 1 || number > UART_COUNT) {
        mp_raise_ValueError(MP_ERROR_TEXT("UART"));
    }
    machine_uart_obj_t *self = (machine_uart_obj_t *)&uart_objects[number - 1];
    mp_map_t named;
    mp_map_init_fixed_table(&named, n_kw, args + n_args);
    mp_machine_uart_init_helper(self, n_args - 1, args + 1, &named);
    return MP_OBJ_FROM_PTR(self);
}

static void mp_machine_uart_deinit(machine_uart_obj_t *self) {
    uart_stop(self->number);
}

static mp_int_t mp_machine_uart_any(machine_uart_obj_t *self) {
    return uart_readable(self->number);
}

static bool mp_machine_uart_txdone(machine_uart_obj_t *self) {
    return uart_sent(self->number);
}

static mp_uint_t moved_or_again(size_t moved, mp_uint_t wanted, int *errcode) {
    if (moved == 0 && wanted != 0) {
        *errcode = MP_EAGAIN;
        return MP_STREAM_ERROR;
    }
    return moved;
}

static mp_uint_t mp_machine_uart_read(mp_obj_t self_in, void *buffer, mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return moved_or_again(uart_read(self->number, buffer, size), size, errcode);
}

static mp_uint_t mp_machine_uart_write(mp_obj_t self_in, const void *buffer, mp_uint_t size, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    return moved_or_again(uart_write(self->number, buffer, size), size, errcode);
}

static mp_uint_t flush(unsigned number, int *errcode) {
    mp_uint_t start = mp_hal_ticks_ms();
    while (!uart_sent(number)) {
        if (mp_hal_ticks_ms() - start > FLUSH_LIMIT_MS) {
            *errcode = MP_ETIMEDOUT;
            return MP_STREAM_ERROR;
        }
        mp_event_wait_ms(1);
    }
    return 0;
}

static mp_uint_t mp_machine_uart_ioctl(mp_obj_t self_in, mp_uint_t request, uintptr_t argument, int *errcode) {
    machine_uart_obj_t *self = MP_OBJ_TO_PTR(self_in);
    switch (request) {
        case MP_STREAM_POLL: {
            mp_uint_t ready = 0;
            if ((argument & MP_STREAM_POLL_RD) && uart_readable(self->number)) {
                ready |= MP_STREAM_POLL_RD;
            }
            if ((argument & MP_STREAM_POLL_WR) && uart_writable(self->number)) {
                ready |= MP_STREAM_POLL_WR;
            }
            return ready;
        }
        case MP_STREAM_FLUSH:
            return flush(self->number, errcode);
        case MP_STREAM_CLOSE:
            return 0;
        default:
            *errcode = MP_EINVAL;
            return MP_STREAM_ERROR;
    }
}
