/* What must hold of every event, so that code behind the reader can rely on it. */
#ifndef REPRISE_FORMAT_EVENT_CHECK_H
#define REPRISE_FORMAT_EVENT_CHECK_H

#include "format/trace.pb-c.h"

#include <stddef.h>
#include <stdint.h>

#define EVENT_REGS_SIZE       (27 * 8) /* struct user_regs_struct */
#define EVENT_DEBUG_REG_FIRST 106      /* words of struct user */
#define EVENT_DEBUG_REG_LAST  113
#define EVENT_XSTATE_MAX      ((size_t)64 << 10)  /* AMX needs 11 KiB */
#define EVENT_SIGINFO_MAX     128                 /* siginfo_t */
#define EVENT_RANGE_MAX       ((uint64_t)1 << 47) /* bytes of user address space */
#define EVENT_NAME_MAX        ((size_t)64 << 10)  /* of a file: PATH_MAX, and what people add */
#define EVENT_CORE_MAX        ((uint32_t)1 << 16)
#define EVENT_CODE_MAX        ((size_t)32)      /* of a preemption */
#define EVENT_WORDS_MAX       ((size_t)256)     /* of a preemption: words, pages each */
#define EVENT_DEAD_MAX        ((size_t)1 << 16) /* of a preemption: dead spans */
#define EVENT_LANE_FIRST      4                 /* x87 registers begin at byte 32 of xstate ... */
#define EVENT_LANE_XMM        20                /* ... SSE registers at byte 160 ... */
#define EVENT_LANE_LAST       51                /* ... and end at byte 416 */
#define EVENT_INSN_MAX        15u
#define EVENT_MAPPINGS_MAX    ((size_t)1 << 20) /* of one image */

/* 0, or -EBADMSG with what is wrong in *ret_why, a constant string. */
int event_check(const Reprise__Event *event, const char **ret_why);

/* The same for the header of the trace. */
int header_check(const Reprise__Header *header, const char **ret_why);

#endif
