/* mincore writes a byte per page, in as many bytes as there are pages; locking changes limits and
 * nothing else: mincore(2), mlock(2), msync(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    char *p = mmap(NULL, 16 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    p[4096] = (char)random_word();
    unsigned char map[32];
    memset(map, 0xaa, sizeof map);
    CHECK(mincore(p, 16 * 4096, map) == 0);
    CHECK((map[1] & 1) == 1 && map[16] == 0xaa);
    say("resident: %016lx\n", (long)hash_of(map, 16));
    CHECK(mincore(p + 1, 4096, map) == -1 && errno == EINVAL);
    int locked = mlock(p, 8192);
    CHECK(locked == 0 || errno == ENOMEM || errno == EPERM);
    if (locked == 0) {
        CHECK(mincore(p, 8192, map) == 0 && (map[0] & 1));
        CHECK(munlock(p, 8192) == 0);
    }
    int fd = scratch_file();
    CHECK(ftruncate(fd, 8192) == 0);
    char *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    CHECK(file != MAP_FAILED);
    file[5000] = 'x';
    CHECK(msync(file, 8192, MS_SYNC) == 0 && msync(file, 8192, MS_ASYNC) == 0);
    CHECK(msync(file, 8192, MS_SYNC | MS_ASYNC) == -1 && errno == EINVAL);
    CHECK(mlockall(MCL_CURRENT) == 0 || errno == ENOMEM || errno == EPERM);
    CHECK(munlockall() == 0);
    say("locked: %d, at %p\n", locked, (void *)p);
    return 0;
}
