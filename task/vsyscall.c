/* Owns the look for addresses of the vsyscall page. */
#include "task/vsyscall.h"

#include <string.h>

bool vsyscall_is_mentioned(const void *code, size_t len)
{
    /* 00 00 60 ff, 00 04 60 ff or 00 08 60 ff; 60 is the rarest of these bytes in code */
    const unsigned char *begin = code, *end = begin + len, *p = begin;
    for (; p < end && (p = memchr(p, 0x60, (size_t)(end - p))) != NULL; p++) {
        bool entry = p - begin >= 2 && end - p >= 2 && p[1] == 0xff && p[-2] == 0 &&
                     (p[-1] == 0 || p[-1] == 4 || p[-1] == 8);
        if (entry)
            return true;
    }
    return false;
}
