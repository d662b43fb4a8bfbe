/* posix_fadvise, readahead, sync_file_range, fdatasync, truncate, fallocate's punched holes and
 * SEEK_DATA: lseek(2), fallocate(2). */
#include "check.h"

int main(void)
{
    int fd = scratch_file();
    char block[4096];
    for (size_t i = 0; i < sizeof block; i += 8)
        memcpy(block + i, &(uint64_t){random_word()}, 8);
    for (int i = 0; i < 8; i++)
        write_all(fd, block, sizeof block);
    CHECK(posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED) == 0);
    CHECK(readahead(fd, 0, 32768) == 0);
    CHECK(fdatasync(fd) == 0 && fsync(fd) == 0);
    sync_file_range(fd, 0, 4096, SYNC_FILE_RANGE_WRITE);
    if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 8192) == 0) {
        char zero[8] = {0}, got[8];
        CHECK(pread(fd, got, 8, 5000) == 8 && memcmp(got, zero, 8) == 0);
        say("hole at %ld, data at %ld\n", (long)lseek(fd, 0, SEEK_HOLE),
            (long)lseek(fd, 4096, SEEK_DATA));
    }
    CHECK(ftruncate(fd, 100) == 0 && lseek(fd, 0, SEEK_END) == 100);
    char got[200];
    CHECK(pread(fd, got, sizeof got, 0) == 100 && memcmp(got, block, 100) == 0);
    say("%016lx\n", (long)hash_of(got, 100));
    struct stat s;
    CHECK(fstat(fd, &s) == 0);
    say("%ld blocks\n", (long)s.st_blocks);
    return 0;
}
