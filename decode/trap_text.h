/* What a trapped instruction is called, and what it told. */
#ifndef REPRISE_DECODE_TRAP_TEXT_H
#define REPRISE_DECODE_TRAP_TEXT_H

#include "format/trace.pb-c.h"

#include <stddef.h>

/* "rdtsc", or "other" for one that this version does not know. */
const char *trap_name(Reprise__Trap__Kind kind);
/* "cpuid 0x1, 0x0", "rdtsc": the instruction and what it was asked, into buf. */
#define TRAP_TEXT_MAX 128
void trap_call_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX]);
/* "0x1, 0x2, 0x3, 0x4", "123": what it answered. */
void trap_result_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX]);

#endif
