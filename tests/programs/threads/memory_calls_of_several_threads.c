/* Threads map, unmap, protect, advise and grow memory that others use: madvise(2) in all its forms,
 * mremap(2), mprotect(2), membarrier(2). */
#include "threads.h"

#include <linux/membarrier.h>
#include <sys/mman.h>

enum { PAGES = 16, PAGE = 4096, ROUNDS = 25 };

static unsigned char *memory;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t sum;

static void *write_and_read(void *arg)
{
    uint64_t me = (uint64_t)arg;
    for (int i = 0; i < ROUNDS * 8; i++) {
        pthread_mutex_lock(&mutex);
        size_t at = (me * 7919 + (uint64_t)i * 104729) % (PAGES * PAGE);
        memory[at] = (unsigned char)(memory[at] + me);
        note(&sum, memory[(at * 31) % (PAGES * PAGE)]);
        pthread_mutex_unlock(&mutex);
        if (i % 16 == 0)
            sched_yield();
    }
    return NULL;
}

static void *advise(void *arg)
{
    static const int advices[] = {MADV_NORMAL,
                                  MADV_RANDOM,
                                  MADV_SEQUENTIAL,
                                  MADV_WILLNEED,
                                  MADV_DONTNEED,
                                  MADV_FREE,
                                  MADV_DONTFORK,
                                  MADV_DOFORK,
                                  MADV_MERGEABLE,
                                  MADV_UNMERGEABLE,
                                  MADV_HUGEPAGE,
                                  MADV_NOHUGEPAGE,
                                  MADV_DONTDUMP,
                                  MADV_DODUMP,
                                  MADV_WIPEONFORK,
                                  MADV_KEEPONFORK,
                                  20 /* COLD */,
                                  21 /* PAGEOUT */,
                                  22 /* POPULATE_READ */,
                                  23 /* POPULATE_WRITE */,
                                  24 /* DONTNEED_LOCKED */,
                                  25 /* COLLAPSE */,
                                  102 /* GUARD_INSTALL */,
                                  103 /* GUARD_REMOVE */,
                                  9999};
    for (int i = 0; i < ROUNDS; i++) {
        int advice = advices[i % (int)(sizeof advices / sizeof advices[0])];
        pthread_mutex_lock(&mutex);
        void *at = memory + (i % PAGES) * PAGE;
        int r = madvise(at, PAGE, advice);
        note(&sum, (uint64_t)(r == 0 ? 0 : errno));
        if (advice == 102) /* nobody shall touch it */
            note(&sum, (uint64_t)madvise(at, PAGE, 103));
        pthread_mutex_unlock(&mutex);
        sched_yield();
    }
    return arg;
}

static void *map_and_move(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&mutex);
        unsigned char *p =
            mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(p != MAP_FAILED);
        p[PAGE] = memory[i];
        p = mremap(p, 2 * PAGE, 64 * PAGE, MREMAP_MAYMOVE);
        CHECK(p != MAP_FAILED);
        note(&sum, p[PAGE]);
        CHECK(mprotect(memory, PAGE, PROT_READ) == 0);
        note(&sum, memory[3]);
        CHECK(mprotect(memory, PAGE, PROT_READ | PROT_WRITE) == 0);
        CHECK(munmap(p, 64 * PAGE) == 0);
        pthread_mutex_unlock(&mutex);
        long r = syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
        CHECK(r == 0 || errno == ENOSYS || errno == EPERM);
    }
    return arg;
}

int main(void)
{
    memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(memory != MAP_FAILED);
    syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
    pthread_t t[4] = {start(write_and_read, (void *)1), start(write_and_read, (void *)2),
                      start(advise, NULL), start(map_and_move, NULL)};
    join_all(t, 4);
    say("%016lx %016lx\n", (long)sum, (long)hash_of(memory, PAGES * PAGE));
    return 0;
}
