/* Ownership made visible: what a scope acquires it releases, unless it hands it over by name. */
#ifndef REPRISE_BASE_SCOPE_H
#define REPRISE_BASE_SCOPE_H

#include <stdlib.h>
#include <unistd.h>

static inline void scope_free_pointer(void *p)
{
    free(*(void **)p);
}

static inline void scope_close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* char *p SCOPE_FREE = NULL; int fd SCOPE_CLOSE = -1; */
#define SCOPE_FREE  __attribute__((cleanup(scope_free_pointer)))
#define SCOPE_CLOSE __attribute__((cleanup(scope_close_fd)))

/* Hands over what a scope variable owns. */
#define TAKE(p)                                                                                    \
    ({                                                                                             \
        __typeof__(p) take_ = (p);                                                                 \
        (p) = NULL;                                                                                \
        take_;                                                                                     \
    })

static inline int take_fd(int *fd)
{
    int taken = *fd;
    *fd = -1;
    return taken;
}

#endif
