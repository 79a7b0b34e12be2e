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
// The console only writes.
#define MICROPY_PY_SYS_STDIO_BUFFER (0)
#define MICROPY_PY_SYS_STDFILES (0)
#define MICROPY_PY_BUILTINS_INPUT (0)

// Mbed TLS gives the ciphers; there is no TLS in this build.
#define MICROPY_SSL_MBEDTLS (1)
#define MICROPY_PY_CRYPTOLIB (1)
#define MICROPY_PY_HASHLIB (1)
#define MICROPY_PY_HASHLIB_SHA256 (1)

// No pins, and nothing to mount: the module io wants an `open`, which finds no file.
#define MICROPY_PY_OS (0)
#define MICROPY_VFS (1)
#define MICROPY_PY_MACHINE (0)

#define MP_STATE_PORT MP_STATE_VM
#define MP_SSIZE_MAX (0x7fffffff)
// newlib's log2 is a macro.
#define MP_NEED_LOG2 (1)

typedef int32_t mp_int_t;
typedef uint32_t mp_uint_t;
typedef long mp_off_t;
