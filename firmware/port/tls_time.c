// Time for Mbed TLS: whether a certificate is valid today.

#include "mbedtls/platform_time.h"
#include "mbedtls/platform_util.h"
#include "py/mphal.h"
#include "shared/timeutils/timeutils.h"

time_t tls_time(time_t *into) {
    time_t now = wall_seconds();
    if (into) {
        *into = now;
    }
    return now;
}

mbedtls_ms_time_t mbedtls_ms_time(void) {
    return mp_hal_ticks_ms();
}

struct tm *mbedtls_platform_gmtime_r(const mbedtls_time_t *seconds, struct tm *into) {
    timeutils_struct_time_t parts;
    timeutils_seconds_since_epoch_to_struct_time(*seconds, &parts);
    into->tm_year = parts.tm_year - 1900;
    into->tm_mon = parts.tm_mon - 1;
    into->tm_mday = parts.tm_mday;
    into->tm_hour = parts.tm_hour;
    into->tm_min = parts.tm_min;
    into->tm_sec = parts.tm_sec;
    return into;
}
