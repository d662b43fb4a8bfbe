/* For a child that nobody would end if its parent were killed. */
#ifndef REPRISE_BASE_DIE_WITH_PARENT_H
#define REPRISE_BASE_DIE_WITH_PARENT_H

#include <sys/types.h>

/* In a fresh child: SIGKILL comes when the thread that made it is gone. It comes at once (the call
 * does not return) when `parent`, the pid of the process that made it, is gone already. */
void die_with_parent(pid_t parent);

#endif
