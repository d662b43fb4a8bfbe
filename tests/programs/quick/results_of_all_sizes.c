/* Reads that fill more than any buffer of the recorder's, directories, long names, and many small
 * calls in between. */
#include "check.h"

#include <dirent.h>

static char bytes[300000];

int main(void)
{
    int fd = open("/dev/urandom", O_RDONLY), file = open("/proc/self/exe", O_RDONLY);
    CHECK(fd >= 0 && file >= 0);
    uint64_t sum = 0;
    for (size_t n = 1; n < sizeof bytes; n = n * 3 / 2 + 1) {
        CHECK(read(fd, bytes, n) == (ssize_t)n);
        sum ^= hash_of(bytes, n);
        ssize_t got = pread(file, bytes, n, 64);
        CHECK(got > 0);
        sum = sum * 31 + hash_of(bytes, (size_t)got);
        for (int i = 0; i < 5; i++)
            CHECK(getppid() > 0 && lseek(file, 0, SEEK_SET) == 0);
    }
    DIR *dir = opendir("/usr/bin");
    size_t names = 0;
    while (dir != NULL && readdir(dir) != NULL)
        names++;
    char name[4200];
    for (size_t n = 10; n < sizeof name; n += 200) {
        memset(name, 'n', n);
        name[n] = '\0';
        CHECK(access(name, F_OK) == -1);
        sum = sum * 31 + (uint64_t)errno;
    }
    say("%llx, %zu names\n", (unsigned long long)sum, names);
    return 0;
}
