/* A page under a protection key faults with SEGV_PKUERR when the key forbids access; the register
 * PKRU is the program's own and is reset in a handler: pkeys(7). */
#include "check.h"

#include <sys/mman.h>
#include <ucontext.h>

static volatile sig_atomic_t faults, key_seen = -1;
static int key;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    CHECK(info->si_code == 4 /* SEGV_PKUERR */);
    key_seen = (int)info->si_pkey;
    faults++;
    /* Leave the key forbidden and take it off the page. */
    CHECK(pkey_mprotect((void *)((uintptr_t)info->si_addr & ~4095ul), 4096, PROT_READ | PROT_WRITE,
                        0) == 0);
}

int main(void)
{
    key = pkey_alloc(0, 0);
    if (key < 0)
        SKIP("no protection keys here");
    handle(SIGSEGV, handler, 0);
    char *p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED);
    uint64_t word = random_word();
    memcpy(p, &word, 8);
    CHECK(pkey_mprotect(p, 8192, PROT_READ | PROT_WRITE, key) == 0);
    CHECK(memcmp(p, &word, 8) == 0 && faults == 0);
    CHECK(pkey_set(key, PKEY_DISABLE_WRITE) == 0);
    CHECK(memcmp(p, &word, 8) == 0 && faults == 0);
    *(volatile char *)p = 'x';
    CHECK(faults == 1 && key_seen == key && pkey_get(key) == PKEY_DISABLE_WRITE);
    CHECK(pkey_set(key, PKEY_DISABLE_ACCESS) == 0);
    CHECK(*(volatile char *)(p + 4096) == 0 && faults == 2);
    /* The kernel heeds the register too. */
    CHECK(pkey_mprotect(p, 4096, PROT_READ | PROT_WRITE, key) == 0);
    int null = open("/dev/zero", O_RDONLY);
    CHECK(read(null, p, 10) == -1 && errno == EFAULT);
    CHECK(pkey_set(key, 0) == 0 && p[0] == 'x');
    CHECK(pkey_free(key) == 0);
    say("key %d at %p, %016lx\n", key, (void *)p, (long)word);
    return 0;
}
