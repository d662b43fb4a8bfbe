/* sendfile(2) reads from *offset, writes back where it stopped and leaves the file's own offset;
 * with a null pointer the file's own offset moves. */
#include "check.h"

#include <sys/sendfile.h>

int main(void)
{
    int in = scratch_file(), out = scratch_file();
    unsigned char data[10000], back[10000];
    for (size_t i = 0; i < sizeof data; i += 8)
        memcpy(data + i, &(uint64_t){random_word()}, 8);
    write_all(in, data, sizeof data);
    CHECK(lseek(in, 17, SEEK_SET) == 17);

    off_t offset = 1000;
    CHECK(sendfile(out, in, &offset, 3000) == 3000);
    CHECK(offset == 4000 && lseek(in, 0, SEEK_CUR) == 17);
    CHECK(sendfile(out, in, NULL, 83) == 83);
    CHECK(lseek(in, 0, SEEK_CUR) == 100);
    offset = 9990;
    CHECK(sendfile(out, in, &offset, 5000) == 10 && offset == 10000);
    CHECK(sendfile(out, in, &offset, 5000) == 0 && offset == 10000);
    CHECK(pread(out, back, sizeof back, 0) == 3093);
    CHECK(memcmp(back, data + 1000, 3000) == 0 && memcmp(back + 3000, data + 17, 83) == 0);
    say("sent %016lx\n", (long)hash_of(back, 3093));
    offset = -5;
    CHECK(sendfile(out, in, &offset, 10) == -1 && errno == EINVAL && offset == -5);
    return 0;
}
