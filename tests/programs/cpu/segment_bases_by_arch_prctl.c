/* ARCH_SET_FS, ARCH_SET_GS and their counterparts, across system calls and fork: arch_prctl(2). */
#include "check.h"

#include <asm/prctl.h>

int main(void)
{
    unsigned long fs = 0, gs = 1, area[4] = {random_word(), 2, 3, 4};
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs) == 0 && fs != 0);
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs) == 0 && gs == 0);
    CHECK(syscall(SYS_arch_prctl, ARCH_SET_GS, area) == 0);
    unsigned long word;
    __asm__ volatile("mov %%gs:0, %0" : "=r"(word));
    CHECK(word == area[0]);
    CHECK(syscall(SYS_arch_prctl, ARCH_GET_GS, &gs) == 0 && gs == (unsigned long)area);
    say("fs %lx gs %lx %016lx\n", fs, gs, (long)word);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        __asm__ volatile("mov %%gs:16, %0" : "=r"(word));
        _exit(word == 3 ? 0 : 1);
    }
    wait_for_success(child);
    sleep_ms(1);
    __asm__ volatile("movq $77, %%gs:8" : : : "memory");
    CHECK(area[1] == 77);
    /* fs away and back, without a call of libc in between. */
    long r1, r2;
    unsigned long other[8] = {0};
    __asm__ volatile("syscall\n\tmov %%rax, %[r1]\n\tmov %%fs:8, %%rdx\n\t"
                     "mov %[fs], %%rsi\n\tmov %[number], %%eax\n\tsyscall"
                     : [r1] "=&r"(r1), "=a"(r2)
                     : "a"(SYS_arch_prctl), "D"(ARCH_SET_FS),
                       "S"(other), [fs] "r"(fs), [number] "i"(SYS_arch_prctl)
                     : "rcx", "r11", "rdx", "memory");
    CHECK(r1 == 0 && r2 == 0);
    CHECK(syscall(SYS_arch_prctl, ARCH_SET_FS, 1ul << 63) == -1 && errno == EPERM);
    CHECK(syscall(SYS_arch_prctl, 0x9999, 0) == -1 && errno == EINVAL);
    return 0;
}
