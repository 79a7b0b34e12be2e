// What this build of MicroPython can do: what a microcontroller's port has, without a compiler on the device.

#include <alloca.h>
#include <stdint.h>

#define MICROPY_CONFIG_ROM_LEVEL (MICROPY_CONFIG_ROM_LEVEL_EXTRA_FEATURES)

// All code is frozen in: a payment terminal that cannot compile source cannot be talked into running some.
#define MICROPY_ENABLE_COMPILER (0)
#define MICROPY_HELPER_REPL (0)
// MicroPython's make rules turn this on for every manifest, and it needs the compiler.
#undef MICROPY_MODULE_FROZEN_STR
#define MICROPY_MODULE_FROZEN_STR (0)

#define MICROPY_ENABLE_GC (1)
#define MICROPY_STACK_CHECK_MARGIN (1024)
#define MICROPY_ENABLE_EMERGENCY_EXCEPTION_BUF (1)
#define MICROPY_LONGINT_IMPL (MICROPY_LONGINT_IMPL_MPZ)
#define MICROPY_FLOAT_IMPL (MICROPY_FLOAT_IMPL_FLOAT)
#define MICROPY_OPT_COMPUTED_GOTO (1)

// Frozen modules may be machine code, which the processor calls in Thumb state: by odd addresses.
#define MICROPY_EMIT_THUMB (1)
#define MICROPY_MAKE_POINTER_CALLABLE(address) ((void *)((uintptr_t)(address) | 1))

#define MICROPY_PY_SYS_PLATFORM "mps2-an385"
#define MICROPY_HW_BOARD_NAME "mps2-an385"
#define MICROPY_HW_MCU_NAME "Cortex-M3"
#define MICROPY_PY_SYS_STDIO_BUFFER (0)
#define MICROPY_PY_BUILTINS_INPUT (0)

// Waiting sleeps until the next interrupt, which the clock gives every millisecond.
#define MICROPY_INTERNAL_WFE(timeout_ms) __asm volatile ("wfi")
#define MICROPY_BEGIN_ATOMIC_SECTION() disable_irq()
#define MICROPY_END_ATOMIC_SECTION(state) enable_irq(state)

#define MICROPY_PY_ASYNCIO (1)
#define MICROPY_PY_SELECT (1)
#define MICROPY_PY_UCTYPES (1)
#define MICROPY_PY_TIME_TIME_TIME_NS (1)
#define MICROPY_PY_TIME_INCLUDEFILE "time_module.c"
#define MICROPY_EPOCH_IS_1970 (1)
#define MICROPY_PY_OS (1)
#define MICROPY_PY_OS_UNAME (0)
#define MICROPY_PY_OS_SYNC (0)
#define MICROPY_PY_OS_URANDOM (1)
#define MICROPY_PY_OS_INCLUDEFILE "os_module.c"
#define MICROPY_PY_MACHINE (1)
#define MICROPY_PY_MACHINE_RESET (1)
#define MICROPY_PY_MACHINE_INCLUDEFILE "machine_module.c"
#define MICROPY_PY_MACHINE_UART (1)
#define MICROPY_PY_MACHINE_UART_INCLUDEFILE "uart_class.c"

// Mbed TLS gives the ciphers and, with TLS=1, the module tls.
#define MICROPY_SSL_MBEDTLS (1)
#define MICROPY_PY_CRYPTOLIB (1)
#define MICROPY_PY_HASHLIB (1)
#define MICROPY_PY_HASHLIB_SHA256 (1)
#if PORT_TLS
#define MICROPY_PY_SSL (1)
#define MICROPY_PY_SSL_FINALISER (1)
#define MICROPY_TRACKED_ALLOC (1)
#endif

// Two file systems: read-only images of .mpy files that run in place, and one that survives power cuts.
#define MICROPY_VFS (1)
#define MICROPY_READER_VFS (1)
#define MICROPY_VFS_ROM (1)
#define MICROPY_VFS_ROM_IOCTL (0)
#define MICROPY_PERSISTENT_CODE_LOAD (1)

#define MP_STATE_PORT MP_STATE_VM
#define MP_SSIZE_MAX (0x7fffffff)
// newlib's log2 is a macro.
#define MP_NEED_LOG2 (1)

typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;
