/* A program that closes its standard descriptors and goes on working in files; only its exit status
 * tells. */
#include "check.h"

int main(void)
{
    say("before %d\n", (int)getpid());
    int keep = dup(2);
    CHECK(keep >= 0);
    close(0), close(1), close(2);
    int fd = scratch_file();
    CHECK(fd == 0);
    for (int i = 0; i < 100; i++)
        dprintf(fd, "%d %016lx\n", i, (long)random_word());
    int second = scratch_file(), third = scratch_file();
    CHECK(second == 1 && third == 2);
    CHECK(write(1, "not shown\n", 10) == 10 && write(2, "neither\n", 8) == 8);
    off_t size = lseek(fd, 0, SEEK_CUR);
    dprintf(keep, "%ld bytes in the file\n", (long)size);
    return 23;
}
