/* Arrays that grow. Private to code/. */
#ifndef REPRISE_CODE_ROOM_H
#define REPRISE_CODE_ROOM_H

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

/* Room for one more of `size` bytes each in an array; 0 or -ENOMEM. */
static inline int make_room(void **v, size_t n, size_t *cap, size_t size)
{
    if (n < *cap)
        return 0;
    size_t more = *cap == 0 ? 16 : *cap * 2;
    void *grown = reallocarray(*v, more, size);
    if (grown == NULL)
        return -ENOMEM;
    *v = grown;
    *cap = more;
    return 0;
}

#endif
