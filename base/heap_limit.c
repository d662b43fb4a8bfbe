/* Owns the limit of the data segment, which is heap and private mappings that can be written. */
#include "base/heap_limit.h"

#include <stdbool.h>
#include <stddef.h>

#if defined(__SANITIZE_ADDRESS__) /* gcc's name for it */
#define RESERVES_MUCH true
#elif defined(__has_feature)
#define RESERVES_MUCH __has_feature(address_sanitizer) /* clang's */
#else
#define RESERVES_MUCH false
#endif

void heap_limit_set(uint64_t bytes, struct rlimit *ret_old)
{
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    (void)getrlimit(RLIMIT_DATA, &limit);
    if (ret_old != NULL)
        *ret_old = limit;
    if (RESERVES_MUCH || limit.rlim_cur <= bytes)
        return;
    limit.rlim_cur = bytes;
    (void)setrlimit(RLIMIT_DATA, &limit);
}

void heap_limit_restore(const struct rlimit *old)
{
    (void)setrlimit(RLIMIT_DATA, old);
}
