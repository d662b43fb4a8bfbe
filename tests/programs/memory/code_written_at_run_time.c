/* Code that the program writes, runs, and changes again while it is in the same place; also through
 * two mappings of one file, one writable and one executable. */
#include "check.h"

#include <sys/mman.h>

typedef uint64_t function(uint64_t);

/* mov $value, %rax; add %rdi, %rax; ret */
static void assemble(unsigned char *p, uint64_t value)
{
    memcpy(p, "\x48\xb8", 2);
    memcpy(p + 2, &value, 8);
    memcpy(p + 10, "\x48\x01\xf8\xc3", 4);
}

int main(void)
{
    unsigned char *code =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (code == MAP_FAILED)
        SKIP("memory that is writable and executable is refused here");
    for (int i = 0; i < 20; i++) {
        uint64_t value = random_word();
        assemble(code + i, value);
        CHECK(((function *)(code + i))(5) == value + 5);
    }
    say("at %p: %016lx\n", (void *)code, (long)((function *)(code + 19))(0));

    CHECK(mprotect(code, 8192, PROT_READ | PROT_WRITE) == 0);
    assemble(code + 4096 - 5, 77); /* over the page's end */
    CHECK(mprotect(code, 8192, PROT_READ | PROT_EXEC) == 0);
    CHECK(((function *)(code + 4096 - 5))(3) == 80);

    int fd = memfd_create("code", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
    unsigned char *w = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned char *x = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    if (w == MAP_FAILED || x == MAP_FAILED)
        return 0;
    for (int i = 0; i < 5; i++) {
        uint64_t value = random_word();
        assemble(w, value);
        CHECK(((function *)x)(1) == value + 1);
        say("%016lx\n", (long)value);
    }
    return 0;
}
