/* copy_file_range(2) writes back both offsets, and moves a file's own where a pointer is null. */
#include "check.h"

int main(void)
{
    int in = scratch_file(), out = scratch_file();
    unsigned char data[3000], back[3000];
    for (size_t i = 0; i < sizeof data; i += 8)
        memcpy(data + i, &(uint64_t){random_word()}, 8);
    write_all(in, data, sizeof data);

    off64_t from = 100, to = 50;
    ssize_t n = copy_file_range(in, &from, out, &to, 1000, 0);
    if (n < 0 && (errno == EXDEV || errno == EOPNOTSUPP || errno == ENOSYS))
        SKIP("no copy_file_range on this file system");
    CHECK(n == 1000 && from == 1100 && to == 1050);
    CHECK(lseek(in, 2900, SEEK_SET) == 2900);
    CHECK(copy_file_range(in, NULL, out, &to, 1000, 0) == 100);
    CHECK(lseek(in, 0, SEEK_CUR) == 3000 && to == 1150);
    CHECK(copy_file_range(in, NULL, out, NULL, 1000, 0) == 0);
    CHECK(lseek(out, 0, SEEK_CUR) == 0);
    CHECK(pread(out, back, sizeof back, 0) == 1150);
    CHECK(memcmp(back + 50, data + 100, 1000) == 0 && memcmp(back + 1050, data + 2900, 100) == 0);
    say("%016lx\n", (long)hash_of(back, 1150));
    return 0;
}
