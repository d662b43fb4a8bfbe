/* Pages of a private mapping that the program has not written vanish with the file's end, and those
 * that it has written vanish as well: truncate drops them. mmap(2); mm/truncate.c,
 * truncate_pagecache(). */
#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>

static sigjmp_buf back;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    siglongjmp(back, sig);
}

static int byte_at(const char *p)
{
    return sigsetjmp(back, 1) == 0 ? *(const volatile char *)p : -1000;
}

int main(void)
{
    handle(SIGBUS, handler, 0);
    int fd = scratch_file();
    char block[4096];
    memset(block, 'p', sizeof block);
    for (int i = 0; i < 3; i++)
        write_all(fd, block, sizeof block);
    char *map = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    CHECK(map != MAP_FAILED);
    map[0] = 'w';
    map[2 * 4096] = 'w';
    CHECK(byte_at(map + 4096) == 'p');
    CHECK(ftruncate(fd, 4096) == 0);
    CHECK(byte_at(map) == 'w');
    int second = byte_at(map + 4096), third = byte_at(map + 2 * 4096);
    say("page not written: %d, page written: %d, map %p\n", second, third, (void *)map);
    CHECK(second == -1000 && third == -1000);
    CHECK(ftruncate(fd, 3 * 4096) == 0);
    CHECK(byte_at(map + 4096) == 0 && byte_at(map + 2 * 4096) == 0);
    return 0;
}
