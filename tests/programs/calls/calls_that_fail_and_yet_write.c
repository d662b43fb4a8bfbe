/* Some calls report an error and hand back information all the same: capget(2) with an unknown
 * version, name_to_handle_at(2) with EOVERFLOW, sched_setattr(2) with E2BIG, and getdents64 never.
 */
#include "check.h"

#include <linux/capability.h>

struct handle {
    unsigned bytes;
    int type;
    unsigned char data[128];
};

int main(void)
{
    struct __user_cap_header_struct header = {.version = 0x12345678};
    struct __user_cap_data_struct data[2];
    CHECK(syscall(SYS_capget, &header, data) == -1 && errno == EINVAL);
    say("capget prefers version %#x\n", header.version);
    CHECK(header.version == _LINUX_CAPABILITY_VERSION_3);
    CHECK(syscall(SYS_capget, &header, data) == 0);
    say("capabilities %08x %08x\n", data[0].effective, data[1].effective);

    struct handle handle = {.bytes = 0, .type = -7};
    int mount_id = -1;
    if (syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &mount_id, 0) == -1 &&
        errno == EOVERFLOW) {
        CHECK(handle.bytes > 0 && handle.bytes <= 128 && mount_id != -1);
        say("handle needs %u bytes, mount %d\n", handle.bytes, mount_id);
        CHECK(syscall(SYS_name_to_handle_at, AT_FDCWD, "/", &handle, &mount_id, 0) == 0);
        say("handle of type %d: %016lx\n", handle.type, (long)hash_of(handle.data, handle.bytes));
    }

    struct {
        unsigned size, policy;
        unsigned char rest[120];
    } attr = {.size = 128};
    memset(attr.rest, 0xff, sizeof attr.rest);
    CHECK(syscall(SYS_sched_setattr, 0, &attr, 0) == -1 && errno == E2BIG);
    say("sched_setattr knows %u bytes\n", attr.size);
    CHECK(attr.size < 128);
    return 0;
}
