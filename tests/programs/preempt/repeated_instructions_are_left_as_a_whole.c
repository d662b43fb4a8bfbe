/* Threads that copy, fill, compare and search by repeated instructions while others wait: upwards
 * and downwards, over themselves, in code that two processes see, and over pages that a handler of
 * SIGSEGV makes writable in the midst of it. */
#include "preempt.h"

#include <sys/mman.h>

#define SIZE   (512u * 1024)
#define ROUNDS 60

static void rep_movsb(uint8_t *dst, const uint8_t *src, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(dst), "+S"(src), "+c"(n) : : "memory");
}

static void rep_movsq_down(uint8_t *dst, const uint8_t *src, size_t n)
{
    const uint8_t *s = src + n - 8;
    uint8_t *d = dst + n - 8;
    size_t words = n / 8;
    __asm__ volatile("std\n\trep movsq\n\tcld" : "+D"(d), "+S"(s), "+c"(words) : : "memory", "cc");
}

static uint64_t repe_cmpsb(const uint8_t *a, const uint8_t *b, size_t n)
{
    __asm__ volatile("repe cmpsb" : "+D"(a), "+S"(b), "+c"(n) : : "memory", "cc");
    return n;
}

static uint64_t repne_scasb(const uint8_t *a, uint8_t what, size_t n)
{
    __asm__ volatile("repne scasb" : "+D"(a), "+c"(n) : "a"(what) : "memory", "cc");
    return n;
}

static void *copy(void *arg)
{
    uint8_t *a = malloc(SIZE), *b = malloc(SIZE);
    CHECK(a != NULL && b != NULL);
    uint64_t sum = 0;
    memset(a, 1, SIZE);
    for (int i = 0; i < ROUNDS; i++) {
        a[SIZE - 1 - (size_t)i] = (uint8_t)i;
        rep_movsb(b, a, SIZE);
        sum = sum * 31 + repe_cmpsb(a, b, SIZE);
        b[i] = 9;
        rep_movsq_down(a, b, SIZE);
        sum = sum * 31 + repne_scasb(a + i, 9, SIZE - (size_t)i) + repne_scasb(a, 200, SIZE);
    }
    sum ^= hash_of(a, SIZE);
    free(a);
    free(b);
    (void)arg;
    return (void *)(uintptr_t)sum;
}

/* uint64_t f(dst, src, n): mov %rdx, %rcx; rep movsb; mov %rdi, %rax; ret */
static const uint8_t copies[] = {0x48, 0x89, 0xd1, 0xf3, 0xa4, 0x48, 0x89, 0xf8, 0xc3};
typedef uint64_t copier(uint8_t *dst, const uint8_t *src, size_t n);
static copier *copier_in_memory;

static void *copy_there(void *arg)
{
    uint8_t *a = malloc(SIZE), *b = calloc(1, SIZE);
    CHECK(a != NULL && b != NULL);
    for (unsigned i = 0; i < SIZE; i++)
        a[i] = (uint8_t)(i * 7);
    for (int i = 0; i < 3 * ROUNDS; i++) {
        a[i] ^= 0x55;
        CHECK(copier_in_memory(b, a, SIZE) == (uint64_t)(uintptr_t)(b + SIZE));
    }
    uint64_t sum = hash_of(b, SIZE);
    free(a);
    free(b);
    (void)arg;
    return (void *)(uintptr_t)sum;
}

/* Copies the page with its own code, over and over. */
static void *copy_itself(void *arg)
{
    static uint8_t copy_of_it[4096];
    uint64_t code;
    memcpy(&code, &copier_in_memory, sizeof code);
    for (int i = 0; i < 20000; i++) {
        memset(copy_of_it, 0, sizeof copies);
        copier_in_memory(copy_of_it, (const uint8_t *)(uintptr_t)code, 4096);
        CHECK(memcmp(copy_of_it, copies, sizeof copies) == 0);
    }
    (void)arg;
    return NULL;
}

static void use(const char *name, void *(*run)(void *))
{
    pthread_t thread = start(run, NULL);
    void *mine = run(NULL), *other = end_of(thread);
    say("%s: %lx %lx\n", name, (long)mine, (long)other);
}

static void use_code_in(const char *name, void *code)
{
    memcpy(code, copies, sizeof copies);
    memcpy(&copier_in_memory, &code, sizeof code);
    use(name, copy_there);
}

static uint8_t *pages;
static volatile sig_atomic_t faults;

static void open_page(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)4095;
    faults++;
    CHECK(mprotect((void *)page, 4096, PROT_READ | PROT_WRITE) == 0);
}

static void *fill_protected(void *arg)
{
    for (int i = 0; i < 40; i++) {
        CHECK(mprotect(pages, SIZE, PROT_READ) == 0);
        uint8_t *at = pages;
        size_t n = SIZE;
        __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(i) : "memory");
        CHECK(pages[0] == i && pages[SIZE - 1] == i && n == 0);
    }
    (void)arg;
    return NULL;
}

static void *busy(void *arg)
{
    (void)arg;
    return (void *)(uintptr_t)burn(150);
}

int main(void)
{
    use("copied, compared, searched", copy);
    const int all = PROT_READ | PROT_WRITE | PROT_EXEC;
    void *writable = mmap(NULL, 4096, all, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *shared = mmap(NULL, 4096, all, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pages = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(writable != MAP_FAILED && shared != MAP_FAILED && pages != MAP_FAILED);
    use_code_in("in writable code", writable);
    use("copies itself", copy_itself);

    memcpy(shared, copies, sizeof copies);
    int fds[2];
    CHECK(pipe(fds) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) { /* looks at the code all the time */
        char c;
        close(fds[1]);
        CHECK(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
        while (read(fds[0], &c, 1) < 0)
            CHECK(memcmp(shared, copies, sizeof copies) == 0);
        _exit(0);
    }
    close(fds[0]);
    use_code_in("in code that another process sees", shared);
    close(fds[1]);
    wait_for_success(child);

    handle(SIGSEGV, open_page, 0);
    pthread_t thread = start(busy, NULL);
    fill_protected(NULL);
    end_of(thread);
    say("%d faults\n", (int)faults);
    return 0;
}
