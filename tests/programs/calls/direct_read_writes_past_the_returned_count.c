/* A read with O_DIRECT of a file's last block transfers the whole block, so that memory past the
 * returned count changes: open(2), O_DIRECT; fs/iomap/direct-io.c, iomap_dio_complete(). */
#include "check.h"

int main(void)
{
    int fd = scratch_file();
    unsigned char data[1000];
    for (size_t i = 0; i < sizeof data; i += 8)
        memcpy(data + i, &(uint64_t){random_word()}, 8);
    write_all(fd, data, sizeof data);
    CHECK(fsync(fd) == 0);
    if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_DIRECT) < 0)
        SKIP("no O_DIRECT on this file system");
    unsigned char *buffer = aligned_alloc(4096, 8192);
    CHECK(buffer != NULL);
    memset(buffer, 0xaa, 8192);
    ssize_t n = pread(fd, buffer, 8192, 0);
    if (n < 0 && errno == EINVAL)
        SKIP("O_DIRECT wants another alignment here");
    CHECK(n == 1000 && memcmp(buffer, data, sizeof data) == 0);
    int past = 0;
    for (int i = 1000; i < 8192; i++)
        past += buffer[i] != 0xaa;
    say("%d bytes past the returned count changed, %016lx\n", past, (long)hash_of(buffer, 8192));
    return 0;
}
