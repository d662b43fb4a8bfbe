/* What no trace may touch in a replayed task. */
#ifndef REPRISE_REPLAYER_RESERVED_H
#define REPRISE_REPLAYER_RESERVED_H

#include "replayer/fast_stub.h"

/* Where user memory ends, without tables of five levels. */
#define TASK_TOP 0x7ffffffff000ull

/* The segments of 64-bit user code (arch/x86/include/asm/segment.h). */
#define USER_CS 0x33u
#define USER_SS 0x2bu

/* Behind the instruction by which tasks run injected calls. */
#define STUB_BEHIND_CALL (STUB_ADDR + 2)

/* Whether a stretch, of one byte at least, meets the pages that are the replayer's. */
static inline bool is_ours(uint64_t addr, uint64_t len)
{
    uint64_t last;
    if (__builtin_add_overflow(addr, len > 0 ? len - 1 : 0, &last))
        return true;
    return addr < STUB_END && last >= STUB_ADDR;
}

#endif
