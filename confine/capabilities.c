/* Owns the giving up of capabilities. */
#include "confine/capabilities.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ALL_OF_THEM 64

/* What could come back by an exec, which there is none of. Dropping takes CAP_SETPCAP, so it goes
 * before the others do; without it there is no way to them but by exec either, and no_new_privs
 * closes that one. */
static void drop_bounds(uint64_t keep)
{
    for (unsigned long cap = 0; cap < ALL_OF_THEM; cap++)
        if ((keep >> cap & 1) == 0)
            prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
}

int capabilities_drop(uint64_t keep)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];
    drop_bounds(keep);
    if (syscall(SYS_capget, &head, sets) < 0)
        return -errno;
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        uint32_t kept = (uint32_t)(keep >> 32 * i);
        sets[i].effective &= kept;
        sets[i].permitted &= kept;
        sets[i].inheritable = 0;
    }
    return syscall(SYS_capset, &head, sets) < 0 ? -errno : 0;
}

uint64_t capabilities_to_trace(void)
{
    char scope = '0';
    int fd SCOPE_CLOSE = open("/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, &scope, 1) != 1)
        scope = '0';
    return scope >= '2' ? CAPABILITY_PTRACE : 0;
}
