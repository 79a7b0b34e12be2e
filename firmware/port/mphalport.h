// What the port's own files offer to its main.
#pragma once

#include "shared/runtime/interrupt_char.h"

void clock_start(void);
void console_start(void);
