/* A read from a pipe into a buffer whose end is not mapped returns EFAULT, and yet the mapped part
 * has been written. fs/pipe.c, pipe_read() after a short copy_page_to_iter(). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    unsigned char *pages =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    CHECK(munmap(pages + 4096, 4096) == 0);
    unsigned char *tail = pages + 4096 - 100;
    memset(pages, 0xaa, 4096);

    int fds[2];
    CHECK(pipe(fds) == 0);
    unsigned char data[500];
    for (size_t i = 0; i < sizeof data; i += 8)
        memcpy(data + i, &(uint64_t){random_word()}, i + 8 <= sizeof data ? 8 : sizeof data - i);
    write_all(fds[1], data, sizeof data);

    ssize_t n = read(fds[0], tail, sizeof data);
    say("read returned %zd (errno %d)\n", n, n < 0 ? errno : 0);
    CHECK((n == -1 && errno == EFAULT) || n == 100);
    for (int i = 0; i < 100; i++)
        CHECK(tail[-1 - i] == 0xaa);
    say("first bytes changed: %s, content %016lx\n",
        tail[0] != 0xaa || tail[1] != 0xaa ? "yes" : "no", (long)hash_of(pages, 4096));

    /* Of a file the part that fits counts as read. */
    int file = scratch_file();
    write_all(file, data, sizeof data);
    CHECK(lseek(file, 0, SEEK_SET) == 0);
    memset(pages, 0xaa, 4096);
    n = read(file, tail, sizeof data);
    say("read of a file returned %zd, content %016lx\n", n, (long)hash_of(pages, 4096));
    return 0;
}
