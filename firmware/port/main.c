// Runs the frozen module `main` once; the exit code is 0 if it came to its end, 1 if an exception left it.

#include "py/cstack.h"
#include "py/gc.h"
#include "py/mphal.h"
#include "py/runtime.h"
#include "shared/runtime/gchelper.h"
#include "shared/runtime/pyexec.h"
#include "shared/runtime/semihosting_arm.h"

extern char stack_bottom, stack_top;

static uint32_t heap[HEAP_BYTES / sizeof(uint32_t)];

int main(void) {
    clock_start();
    console_start();
    mp_cstack_init_with_top(&stack_top, &stack_top - &stack_bottom);
    gc_init(heap, (char *)heap + sizeof(heap));
    mp_init();
    bool finished = pyexec_frozen_module("main.py", false) == 1;
    mp_deinit();
    return finished ? 0 : 1;
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
