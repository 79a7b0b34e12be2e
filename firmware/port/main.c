// Imports the frozen module `main`. The exit code is 0 at its end, that of sys.exit, or 1 if an exception left it.

#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/semihosting_arm.h"

extern char stack_bottom, stack_top;

static uint32_t heap[HEAP_BYTES / sizeof(uint32_t)];

static int exit_code_of(mp_obj_t exception) {
    if (!mp_obj_exception_match(exception, MP_OBJ_FROM_PTR(&mp_type_SystemExit))) {
        mp_obj_print_exception(&mp_plat_print, exception);
        return 1;
    }
    mp_obj_t value = mp_obj_exception_get_value(exception);
    mp_int_t code = 0;
    if (value != mp_const_none && !mp_obj_get_int_maybe(value, &code)) {
        code = 1;
    }
    return code;
}

static int run(void) {
    nlr_buf_t nlr;
    if (nlr_push(&nlr) == 0) {
        mp_import_name(MP_QSTR_main, mp_const_none, MP_OBJ_NEW_SMALL_INT(0));
        nlr_pop();
        return 0;
    }
    return exit_code_of(MP_OBJ_FROM_PTR(nlr.ret_val));
}

int main(void) {
    clock_start();
    console_start();
    mp_cstack_init_with_top(&stack_top, &stack_top - &stack_bottom);
    gc_init(heap, (char *)heap + sizeof(heap));
    mp_init();
    int exit_code = run();
    mp_deinit();
    return exit_code;
}

void gc_collect(void) {
    gc_collect_start();
    gc_helper_collect_regs_and_stack();
    gc_collect_end();
}

// An exception where no handler is: the interpreter itself is wrong, nothing can be saved.
NORETURN void nlr_jump_fail(void *exception) {
    (void)exception;
    mp_semihosting_exit(1);
    for (;;) {
    }
}
