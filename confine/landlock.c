/* Owns the rules of Landlock, as far as this kernel knows them. */
#include "confine/landlock.h"

#include "base/scope.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* linux/landlock.h: not there, or not all of it, where reprise may be built. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule       445
#define SYS_landlock_restrict_self  446
#endif
#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1
#define FS_READ_FILE           (1ull << 2)
#define FS_FIRST               ((1ull << 13) - 1)
#define NET_TCP                3ull /* bind, connect */
#define SCOPE_ALL              3ull /* abstract sockets, signals */

struct ruleset {
    uint64_t handled_fs, handled_net, scoped;
};

struct path_beneath {
    uint64_t allowed;
    int32_t parent_fd;
} __attribute__((packed));

/* What is forbidden, and how long the struct is, by the version of the interface. */
static size_t rules_of(long version, struct ruleset *ret)
{
    uint64_t fs = FS_FIRST;
    if (version >= 2)
        fs |= 1ull << 13; /* links and renames to other directories */
    if (version >= 3)
        fs |= 1ull << 14; /* truncate */
    if (version >= 5)
        fs |= 1ull << 15; /* ioctls of devices */
    *ret = (struct ruleset){.handled_fs = fs, .handled_net = NET_TCP, .scoped = SCOPE_ALL};
    return version >= 6   ? sizeof *ret
           : version >= 4 ? offsetof(struct ruleset, scoped)
                          : offsetof(struct ruleset, handled_net);
}

static int allow_reading(int ruleset, const char *directory)
{
    int fd SCOPE_CLOSE = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) /* then there is nothing to be read */
        return 0;
    const struct path_beneath rule = {.allowed = FS_READ_FILE, .parent_fd = fd};
    long r = syscall(SYS_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0);
    return r < 0 ? -errno : 0;
}

int landlock_close(const char *const *readable)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, CREATE_RULESET_VERSION);
    if (version < 0)
        return -errno;
    struct ruleset rules;
    size_t size = rules_of(version, &rules);
    int ruleset SCOPE_CLOSE = (int)syscall(SYS_landlock_create_ruleset, &rules, size, 0);
    if (ruleset < 0)
        return -errno;
    int err = 0;
    for (; readable != NULL && *readable != NULL && err == 0; readable++)
        err = allow_reading(ruleset, *readable);
    if (err == 0 && (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                     syscall(SYS_landlock_restrict_self, ruleset, 0) < 0))
        err = -errno;
    return err;
}
