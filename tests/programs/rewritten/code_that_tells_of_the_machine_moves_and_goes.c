/* Mappings with code that tells of the machine: moved, shared, mapped twice, in parts, replaced by
 * others, wiped, and their permissions changed piece by piece. */
#include "telling.h"

static uint8_t *some_pages_of_it(size_t n)
{
    uint8_t *p = pages(n, PROT_READ | PROT_WRITE);
    for (size_t i = 0; i < n; i++)
        memcpy(p + i * PAGE + 16, telling_code, sizeof telling_code);
    allow(p, n, PROT_READ | PROT_EXEC);
    return p;
}

static int file_of_it(size_t n)
{
    static const uint8_t nothing[PAGE];
    int fd = scratch_file();
    for (size_t i = 0; i < n; i++) {
        write_all(fd, nothing, 16);
        write_all(fd, telling_code, sizeof telling_code);
        write_all(fd, nothing, PAGE - 16 - sizeof telling_code);
    }
    return fd;
}

static void moved(uint8_t *p, bool executed)
{
    if (executed)
        check_tells(p + 16);
    uint8_t *to = pages(8, PROT_NONE);
    uint8_t *q = mremap(p, 3 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
    CHECK(q == to);
    for (size_t i = 0; i < 3; i++)
        CHECK(memcmp(q + i * PAGE + 16, telling_code, sizeof telling_code) == 0);
    for (size_t i = 0; i < 3; i++)
        check_tells(q + i * PAGE + 16);
    q = mremap(q, 3 * PAGE, 2 * PAGE, 0); /* shrinks */
    CHECK(q == to);
    check_tells(q + PAGE + 16);
    uint8_t *back = mremap(q + PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + 6 * PAGE);
    CHECK(back == to + 6 * PAGE);
    check_tells(back + 16);
    check_tells(q + 16);
}

static void replaced(void)
{
    uint8_t *p = some_pages_of_it(2);
    check_tells(p + 16);
    check_tells(p + PAGE + 16);
    for (uint32_t i = 0; i < 4; i++) {
        if (i % 2 == 0)
            CHECK(munmap(p, PAGE) == 0);
        CHECK(mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                   0) == p);
        put_constant(p + 16 + TELLING_CPUID_AT - 1, 900 + i);
        allow(p, 1, PROT_READ | PROT_EXEC);
        CHECK(constant_of(p + 16 + TELLING_CPUID_AT - 1) == 900 + i);
        check_tells(p + PAGE + 16);
    }
    int fd = file_of_it(1);
    CHECK(mmap(p, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_FIXED, fd, 0) == p);
    check_tells(p + 16);
    close(fd);
    CHECK(munmap(p + PAGE, PAGE) == 0);
    check_tells(p + 16);
}

static void wiped(void)
{
    int fd = file_of_it(2);
    uint8_t *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    for (int i = 0; i < 3; i++) {
        check_tells(p + 16);
        check_tells(p + PAGE + 16);
        CHECK(madvise(p, (size_t)(i % 2 + 1) * PAGE, MADV_DONTNEED) == 0);
        CHECK(memcmp(p + 16, telling_code, sizeof telling_code) == 0);
    }
    check_tells(p + 16);
    close(fd);
    uint8_t *q = some_pages_of_it(1);
    check_tells(q + 16);
    CHECK(madvise(q, PAGE, MADV_DONTNEED) == 0);
    CHECK(q[16] == 0 && q[16 + TELLING_CPUID_AT] == 0 && q[16 + TELLING_RDTSC_AT] == 0);
    allow(q, 1, PROT_READ | PROT_WRITE);
    memcpy(q + 16, telling_code, sizeof telling_code);
    allow(q, 1, PROT_READ | PROT_EXEC);
    check_tells(q + 16);
}

static void in_parts(uint8_t *p)
{
    allow(p + PAGE, 1, PROT_READ);
    check_tells(p + 16);
    check_tells(p + 3 * PAGE + 16);
    allow(p + PAGE, 2, PROT_READ | PROT_EXEC);
    check_tells(p + PAGE + 16);
    allow(p, 4, PROT_READ);
    allow(p + 2 * PAGE, 2, PROT_READ | PROT_EXEC);
    check_tells(p + 2 * PAGE + 16);
    CHECK(munmap(p + PAGE, PAGE) == 0);
    allow(p, 1, PROT_EXEC | PROT_READ);
    check_tells(p + 16);
    check_tells(p + 3 * PAGE + 16);
    CHECK(mprotect(p, 4 * PAGE, PROT_READ | PROT_EXEC) == -1 && errno == ENOMEM); /* a hole */
    check_tells(p + 16);
    check_tells(p + 2 * PAGE + 16);
}

/* One object in several places. What is shared is seen in all of them, byte by byte. */
static void twice(void)
{
    int fd = file_of_it(2);
    uint8_t *a = mmap(NULL, 2 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    uint8_t *b = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, PAGE);
    uint8_t *c = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(a != MAP_FAILED && b != MAP_FAILED && c != MAP_FAILED);
    check_tells(a + 16);
    check_tells(b + 16);
    check_tells(a + PAGE + 16);
    CHECK(memcmp(c + 16, telling_code, sizeof telling_code) == 0);
    CHECK(memcmp(c + PAGE + 16, telling_code, sizeof telling_code) == 0);
    close(fd);

    fd = memfd_create("code", MFD_CLOEXEC);
    CHECK(fd >= 0 && ftruncate(fd, PAGE) == 0);
    uint8_t *w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    uint8_t *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    CHECK(w != MAP_FAILED && x != MAP_FAILED);
    for (uint32_t i = 0; i < 20; i++) {
        put_constant(w + i, i);
        CHECK(constant_of(x + i) == i);
    }
    memcpy(w, telling_code, sizeof telling_code);
    CHECK(memcmp(x, telling_code, sizeof telling_code) == 0);
    uint8_t got[sizeof telling_code];
    CHECK(pread(fd, got, sizeof got, 0) == sizeof got &&
          memcmp(got, telling_code, sizeof got) == 0);
    uint8_t *both = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, fd, 0);
    CHECK(both != MAP_FAILED);
    put_constant(both, 3);
    CHECK(constant_of(x) == 3 && constant_of(both) == 3);
}

int main(void)
{
    for (int executed = 0; executed < 2; executed++) {
        moved(some_pages_of_it(3), executed);
        int fd = file_of_it(3);
        uint8_t *p = mmap(NULL, 3 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
        CHECK(p != MAP_FAILED);
        moved(p, executed);
        close(fd);
    }
    replaced();
    wiped();
    in_parts(some_pages_of_it(4));
    int fd = file_of_it(4);
    uint8_t *p = mmap(NULL, 4 * PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    in_parts(p);
    twice();
    return 0;
}
