// Random numbers out of a seed that the host laid into the board's lasting memory.
#pragma once

#include <stddef.h>
#include <stdint.h>

void random_fill(uint8_t *into, size_t length);
