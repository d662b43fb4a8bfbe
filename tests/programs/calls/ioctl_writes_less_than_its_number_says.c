/* FS_IOC_GETFLAGS and FS_IOC_GETVERSION are declared with a long and write an int; FIGETBSZ and
 * FIONREAD on a file encode nothing at all: ioctl_iflags(2). */
#include "check.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

int main(void)
{
    int fd = scratch_file();
    uint64_t value = 0xaaaaaaaaaaaaaaaa;
    int r = ioctl(fd, FS_IOC_GETFLAGS, &value);
    say("flags: %d, %016lx\n", r, (long)value);
    CHECK(value >> 32 == 0xaaaaaaaa);
    value = 0xaaaaaaaaaaaaaaaa;
    r = ioctl(fd, FS_IOC_GETVERSION, &value);
    say("version: %d, %016lx\n", r, (long)value);
    CHECK(value >> 32 == 0xaaaaaaaa);
    value = 0xaaaaaaaaaaaaaaaa;
    CHECK(ioctl(fd, FIGETBSZ, &value) == 0 && value >> 32 == 0xaaaaaaaa);
    say("block size %u\n", (unsigned)value);

    write_all(fd, "0123456789", 10);
    CHECK(lseek(fd, 3, SEEK_SET) == 3);
    value = 0xaaaaaaaaaaaaaaaa;
    CHECK(ioctl(fd, FIONREAD, &value) == 0 && value == 0xaaaaaaaa00000007);
    CHECK(ioctl(fd, FIOCLEX) == 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC);

    uint64_t room[sizeof(struct fiemap) / 8 + 4 * sizeof(struct fiemap_extent) / 8];
    memset(room, 0xaa, sizeof room);
    struct fiemap *map = (struct fiemap *)room;
    *map = (struct fiemap){
        .fm_length = FIEMAP_MAX_OFFSET, .fm_flags = FIEMAP_FLAG_SYNC, .fm_extent_count = 4};
    r = ioctl(fd, FS_IOC_FIEMAP, map);
    say("fiemap: %d, %u extents, %016lx\n", r, map->fm_mapped_extents,
        (long)hash_of(room, sizeof room));

    int fds[2], pending = -1, on = 1;
    CHECK(pipe(fds) == 0);
    write_all(fds[1], "abc", 3);
    CHECK(ioctl(fds[0], FIONREAD, &pending) == 0 && pending == 3);
    CHECK(ioctl(fds[0], FIONBIO, &on) == 0 && (fcntl(fds[0], F_GETFL) & O_NONBLOCK));
    return 0;
}
