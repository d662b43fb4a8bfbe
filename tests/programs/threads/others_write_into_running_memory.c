/* A process computes without calls and watches its memory, which others change meanwhile: by write
 * to a file that it has mapped, by process_vm_writev, through /proc/PID/mem. */
#include "threads.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/uio.h>

enum { PAGE = 4096, LOOKS = 3000000 };

static volatile uint64_t word __attribute__((aligned(64)));

static void *watch(volatile uint64_t *at, const char *what)
{
    uint64_t before = *at, n = 0;
    while (n < LOOKS && *at == before)
        n++;
    say("%s: %lu looks, %lu\n", what, (long)n, (long)*at);
    return NULL;
}

/* Both ends of a step: the watcher is told that it may begin, and waits for the end. */
static void step(int fd, bool write_side)
{
    char c = 'x';
    if (write_side)
        write_all(fd, &c, 1);
    else
        read_all(fd, &c, 1);
}

int main(void)
{
    int to_child[2], to_parent[2];
    int file = scratch_file();
    CHECK(ftruncate(file, PAGE) == 0 && pipe(to_child) == 0 && pipe(to_parent) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0) {
        volatile uint64_t *mapped = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        CHECK(mapped != MAP_FAILED);
        prctl(PR_SET_PTRACER, getppid());
        volatile uint64_t *at[] = {mapped, &word, &word, &mapped[8]};
        const char *what[] = {"write", "process_vm_writev", "/proc/PID/mem", "pwritev"};
        for (int i = 0; i < 4; i++) {
            step(to_parent[1], true);
            watch(at[i], what[i]);
            step(to_child[0], false);
            say("%s: %lu\n", what[i], (long)*at[i]);
        }
        _exit(0);
    }
    uint64_t value = 1;
    for (int i = 0; i < 4; i++, value++) {
        step(to_parent[0], false);
        struct iovec local = {&value, 8}, remote = {(void *)&word, 8};
        if (i == 0)
            CHECK(pwrite(file, &value, 8, 0) == 8);
        if (i == 1)
            CHECK(process_vm_writev(pid, &local, 1, &remote, 1, 0) == 8);
        if (i == 2) {
            char name[64];
            snprintf(name, sizeof name, "/proc/%d/mem", (int)pid);
            int mem = open(name, O_RDWR | O_CLOEXEC);
            CHECK(mem >= 0 && pwrite(mem, &value, 8, (off_t)(uintptr_t)&word) == 8);
            close(mem);
        }
        if (i == 3)
            CHECK(pwritev(file, &local, 1, 64) == 8);
        step(to_child[1], true);
    }
    wait_for_success(pid);
    return 0;
}
