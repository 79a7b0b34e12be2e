// The parts of Mbed TLS that MicroPython's cryptolib and hashlib stand on.
#pragma once

#define MBEDTLS_AES_C
#define MBEDTLS_CIPHER_MODE_CBC
#define MBEDTLS_SHA256_C
// Tables in flash: computed ones would take 8 KB of the RAM.
#define MBEDTLS_AES_ROM_TABLES
