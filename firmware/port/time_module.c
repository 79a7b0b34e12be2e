// time.time; included by MicroPython's extmod/modtime.c.

#include "py/mphal.h"

static mp_obj_t mp_time_time_get(void) {
    return mp_obj_new_int_from_uint(wall_seconds());
}
