/* /proc/PID/mem: a write to the own one changes memory, also pages that are read-only, and one to a
 * child's changes that: proc(5). */
#include "check.h"

#include <sys/mman.h>

static volatile uint64_t value;
static const volatile uint64_t constant = 1234;

int main(void)
{
    int mem = open("/proc/self/mem", O_RDWR);
    if (mem < 0)
        SKIP("/proc/self/mem cannot be opened");
    value = random_word();
    uint64_t word = 0;
    CHECK(pread(mem, &word, 8, (off_t)(uintptr_t)&value) == 8 && word == value);
    word = random_word();
    CHECK(pwrite(mem, &word, 8, (off_t)(uintptr_t)&value) == 8 && value == word);
    ssize_t n = pwrite(mem, &word, 8, (off_t)(uintptr_t)&constant);
    say("write to a constant: %zd, %016lx\n", n, (long)constant);
    CHECK(n == -1 || constant == word);
    CHECK(pread(mem, &word, 8, 4096) == -1 && errno == EIO);

    int go[2];
    CHECK(pipe(go) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        char byte;
        read_all(go[0], &byte, 1);
        say("child sees %016lx\n", (long)value);
        _exit(0);
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/mem", (int)child);
    int other = open(path, O_RDWR);
    if (other >= 0) {
        word = random_word();
        n = pwrite(other, &word, 8, (off_t)(uintptr_t)&value);
        CHECK(n == 8 || n == -1);
        say("wrote %016lx to the child: %zd\n", (long)word, n);
    }
    write_all(go[1], "x", 1);
    wait_for_success(child);
    return 0;
}
