/* One thread sleeps in a call that the table does not know ("int $0x80", 168 is poll of 32-bit
 * Linux), so that memory is compared around it; meanwhile another one's reads come to their end. */
#include "check.h"

#include <pthread.h>
#include <setjmp.h>

static sigjmp_buf back;
static int data[2];

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info, (void)context;
    siglongjmp(back, 1);
}

static int poll_of_32_bits(int timeout_ms)
{
    int result;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(168), "b"(0), "c"(0), "d"(timeout_ms)
                     : "r8", "r9", "r10", "r11", "memory");
    return result;
}

static void *read_words(void *arg)
{
    uint64_t *sum = arg, word;
    while (read(data[0], &word, sizeof word) == sizeof word)
        *sum = *sum * 31 + word;
    return NULL;
}

static void write_words(void)
{
    for (int i = 0; i < 20; i++) {
        uint64_t word = random_word();
        CHECK(write(data[1], &word, sizeof word) == sizeof word);
        usleep(3000);
    }
    _exit(0);
}

int main(void)
{
    handle(SIGSEGV, on_fault, 0);
    if (sigsetjmp(back, 1)) {
        say("no int 0x80 here\n");
        return 0;
    }
    if (poll_of_32_bits(0) != 0)
        SKIP("int 0x80 is not served");
    CHECK(pipe(data) == 0);
    pid_t writer = fork();
    CHECK(writer >= 0);
    if (writer == 0)
        write_words();
    close(data[1]);
    uint64_t sum = 0;
    pthread_t reader;
    CHECK(pthread_create(&reader, NULL, read_words, &sum) == 0);
    for (int i = 0; i < 10; i++)
        CHECK(poll_of_32_bits(10) == 0);
    CHECK(pthread_join(reader, NULL) == 0);
    CHECK(waitpid(writer, NULL, 0) == writer);
    say("%016lx\n", (long)sum);
    return 0;
}
