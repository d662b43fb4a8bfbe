/* What a trapped instruction is called, and what it told. */
#ifndef REPRISE_DECODE_TRAP_TEXT_H
#define REPRISE_DECODE_TRAP_TEXT_H

#include "format/trace.pb-c.h"

#include <stdbool.h>
#include <stddef.h>

/* "rdtsc", or "other" for one that this version does not know. */
const char *trap_name(Reprise__Trap__Kind kind);
/* Whether it saves or restores the state of the FPU: what it tells the program has computed. */
bool trap_is_of_state(const Reprise__Trap *trap);
/* "cpuid 0x1, 0x0", "rdtsc": the instruction and what it was asked, into buf. */
#define TRAP_TEXT_MAX 128
void trap_call_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX]);
/* "0x1, 0x2, 0x3, 0x4", "123", "832 bytes": what it answered. */
void trap_result_text(const Reprise__Trap *trap, char buf[TRAP_TEXT_MAX]);

#endif
