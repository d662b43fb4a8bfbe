/* One memory file mapped at two addresses, private and shared, changed by stores and by calls:
 * memfd_create(2). */
#include "check.h"

#include <sys/mman.h>

int main(void)
{
    int fd = memfd_create("twice", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, 3 * 4096) == 0);
    uint64_t *a = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint64_t *b = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 4096);
    uint64_t *c = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);
    CHECK(a != MAP_FAILED && b != MAP_FAILED && c != MAP_FAILED);
    uint64_t word = random_word();
    a[512] = word;
    CHECK(b[0] == word && c[0] == word);
    c[1] = 5; /* from here on a copy */
    b[0] = ~word;
    CHECK(a[512] == ~word && c[0] == word && a[513] == 0);
    CHECK(pwrite(fd, "12345678", 8, 4096 + 80) == 8);
    CHECK(memcmp(&b[10], "12345678", 8) == 0 && c[10] == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        b[20] = random_word();
        c[20] = 1;
        _exit(0);
    }
    wait_for_success(child);
    CHECK(a[512 + 20] == b[20] && c[20] == 0);
    say("%016lx %016lx\n", (long)a[512], (long)b[20]);
    return 0;
}
