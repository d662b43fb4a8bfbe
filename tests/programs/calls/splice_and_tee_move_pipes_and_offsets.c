/* splice(2) moves between file and pipe and writes back the offset; tee(2) copies from pipe to
 * pipe and takes nothing away; vmsplice(2) brings memory into a pipe. */
#include "check.h"

#include <sys/uio.h>

int main(void)
{
    int a[2], b[2], file = scratch_file();
    CHECK(pipe(a) == 0 && pipe(b) == 0);
    unsigned char data[2000], back[2000];
    for (size_t i = 0; i < sizeof data; i += 8)
        memcpy(data + i, &(uint64_t){random_word()}, 8);
    write_all(file, data, sizeof data);

    off64_t in = 500, out = 5000;
    CHECK(splice(file, &in, a[1], NULL, 700, 0) == 700);
    CHECK(in == 1200 && lseek(file, 0, SEEK_CUR) == 2000);
    CHECK(tee(a[0], b[1], 700, 0) == 700);
    CHECK(read(b[0], back, sizeof back) == 700 && memcmp(back, data + 500, 700) == 0);
    CHECK(splice(a[0], NULL, file, &out, 700, SPLICE_F_MOVE) == 700);
    CHECK(out == 5700);
    CHECK(pread(file, back, 700, 5000) == 700 && memcmp(back, data + 500, 700) == 0);
    say("%016lx\n", (long)hash_of(back, 700));

    struct iovec iov = {data, 900};
    CHECK(vmsplice(a[1], &iov, 1, 0) == 900);
    CHECK(read(a[0], back, sizeof back) == 900 && memcmp(back, data, 900) == 0);
    say("%016lx\n", (long)hash_of(back, 900));
    CHECK(splice(a[0], NULL, b[1], NULL, 10, SPLICE_F_NONBLOCK) == -1 && errno == EAGAIN);
    CHECK(splice(a[0], &in, b[1], NULL, 10, 0) == -1 && errno == ESPIPE);
    return 0;
}
