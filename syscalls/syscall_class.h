/* Classes of calls as strace has them: %file, %network ... */
#ifndef REPRISE_SYSCALLS_SYSCALL_CLASS_H
#define REPRISE_SYSCALLS_SYSCALL_CLASS_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a call is of the class of that name (without the %). */
bool syscall_is_of_class(int64_t nr, const char *name);
/* Whether there is such a class. */
bool syscall_class_exists(const char *name);

#endif
