// Mbed TLS as a TLS 1.2 client with ephemeral keys on P-256; certificates in DER, with ECDSA or RSA.
#pragma once

#include <stddef.h>
#include <time.h>

#include "ciphers_config.h"

#define MBEDTLS_SSL_PROTO_TLS1_2
#define MBEDTLS_SSL_CLI_C
#define MBEDTLS_SSL_TLS_C
#define MBEDTLS_SSL_SERVER_NAME_INDICATION
#define MBEDTLS_SSL_MAX_FRAGMENT_LENGTH
#define MBEDTLS_KEY_EXCHANGE_ECDHE_ECDSA_ENABLED
#define MBEDTLS_KEY_EXCHANGE_ECDHE_RSA_ENABLED
// The longest message of the dialect is 1 KB, a chain of two certificates below 3 KB.
#define MBEDTLS_SSL_IN_CONTENT_LEN (4096)
#define MBEDTLS_SSL_OUT_CONTENT_LEN (2048)

#define MBEDTLS_ECP_DP_SECP256R1_ENABLED
#define MBEDTLS_ECP_NIST_OPTIM
#define MBEDTLS_BIGNUM_C
#define MBEDTLS_ECP_C
#define MBEDTLS_ECDH_C
#define MBEDTLS_ECDSA_C
#define MBEDTLS_RSA_C
#define MBEDTLS_PKCS1_V15
#define MBEDTLS_PK_C
#define MBEDTLS_PK_PARSE_C
#define MBEDTLS_ASN1_PARSE_C
#define MBEDTLS_ASN1_WRITE_C
#define MBEDTLS_OID_C
#define MBEDTLS_X509_USE_C
#define MBEDTLS_X509_CRT_PARSE_C

#define MBEDTLS_CIPHER_C
#define MBEDTLS_GCM_C
#define MBEDTLS_MD_C
#define MBEDTLS_SHA224_C
#define MBEDTLS_SHA384_C
#define MBEDTLS_SHA512_C
#define MBEDTLS_SHA512_SMALLER
#define MBEDTLS_CTR_DRBG_C
#define MBEDTLS_ENTROPY_C
#define MBEDTLS_ENTROPY_HARDWARE_ALT
#define MBEDTLS_ENTROPY_FORCE_SHA256
#define MBEDTLS_NO_PLATFORM_ENTROPY

// Certificates have dates.
#define MBEDTLS_HAVE_TIME
#define MBEDTLS_HAVE_TIME_DATE
#define MBEDTLS_PLATFORM_C
#define MBEDTLS_PLATFORM_MS_TIME_ALT
#define MBEDTLS_PLATFORM_GMTIME_R_ALT
time_t tls_time(time_t *into);
#define MBEDTLS_PLATFORM_TIME_MACRO tls_time

// Its memory is the interpreter's heap, so that it counts.
#define MBEDTLS_PLATFORM_MEMORY
void *m_tracked_calloc(size_t count, size_t size);
void m_tracked_free(void *pointer);
#define MBEDTLS_PLATFORM_CALLOC_MACRO m_tracked_calloc
#define MBEDTLS_PLATFORM_FREE_MACRO m_tracked_free
