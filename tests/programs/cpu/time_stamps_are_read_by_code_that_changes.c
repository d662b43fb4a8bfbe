/* Code that reads the time stamp counter often: code made at run time; code that is read, handed
 * over, protected, written to and mapped anew after that; and code that lost the right to read. */
#include "check.h"

#include <setjmp.h>
#include <sys/mman.h>
#include <sys/prctl.h>

typedef uint64_t reader(void);

static const uint8_t code[] = {0x0f, 0x31, 0x48, 0xc1, 0xe2, 0x20, 0x48, 0x09, 0xd0, 0xc3};

__asm__(".text\n"
        ".balign 4096\n"
        ".type own_reader, @function\n"
        "own_page:\n"
        "own_reader:\n"
        ".cfi_startproc\n"
        "rdtsc\n"
        "shl $32, %rdx\n"
        "or %rdx, %rax\n"
        "ret\n"
        ".cfi_endproc\n"
        ".size own_reader, . - own_reader\n"
        ".balign 4096\n");
extern uint8_t own_page[4096];
uint64_t own_reader(void);

static void read_often(reader *read_one, int rounds)
{
    uint64_t last = 0, sum = 0;
    for (int i = 0; i < rounds; i++) {
        uint64_t t = read_one();
        CHECK(t >= last);
        last = t;
        sum = sum * 31 + t;
    }
    say("%lu\n", (long)sum);
}

static void made_at_run_time(void)
{
    uint8_t *page =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    memcpy(page, code, sizeof code);
    read_often((reader *)page, 200);
    CHECK(munmap(page, 8192) == 0);
}

static void is_handed_over(void)
{
    int fd = scratch_file();
    CHECK(write(fd, own_page, 16) == 16);
    uint8_t bytes[16];
    CHECK(pread(fd, bytes, sizeof bytes, 0) == sizeof bytes);
    CHECK(memcmp(bytes, code, sizeof code) == 0);
    close(fd);
}

static void is_protected_and_written(void)
{
    CHECK(mprotect(own_page, 4096, PROT_READ | PROT_WRITE) == 0);
    CHECK(memcmp(own_page, code, sizeof code) == 0);
    memcpy(own_page, code, sizeof code);
    CHECK(mprotect(own_page, 4096, PROT_READ | PROT_EXEC) == 0);
}

static sigjmp_buf back;

static void jump_back(int signo)
{
    (void)signo;
    siglongjmp(back, 1);
}

static void loses_the_right(void)
{
    signal(SIGSEGV, jump_back);
    CHECK(prctl(PR_SET_TSC, PR_TSC_SIGSEGV) == 0);
    if (sigsetjmp(back, 1) == 0) {
        (void)own_reader();
        check_failed(__LINE__, "it faults");
    }
    CHECK(prctl(PR_SET_TSC, PR_TSC_ENABLE) == 0);
    signal(SIGSEGV, SIG_DFL);
}

int main(void)
{
    made_at_run_time();
    read_often(own_reader, 3000);
    is_handed_over();
    read_often(own_reader, 100);
    is_protected_and_written();
    read_often(own_reader, 100);
    pid_t pid = fork();
    CHECK(pid >= 0);
    read_often(own_reader, 100);
    if (pid == 0)
        _exit(0);
    int status;
    CHECK(waitpid(pid, &status, 0) == pid && status == 0);
    loses_the_right();
    read_often(own_reader, 100);
    return 0;
}
