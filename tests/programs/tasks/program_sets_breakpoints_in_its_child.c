/* A small debugger: an int3 is written over an instruction, the child stops there, goes on after
 * the byte is put back; memory is peeked and poked: ptrace(2). */
#include "tracer.h"

static volatile uint64_t secret;

__attribute__((noinline)) static uint64_t target(uint64_t x)
{
    __asm__ volatile("" : "+r"(x));
    return x * 3 + secret;
}

int main(void)
{
    secret = random_word();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        trace_me();
        raise(SIGSTOP);
        uint64_t sum = 0;
        for (uint64_t i = 0; i < 5; i++)
            sum += target(i);
        CHECK(sum == 5 * 4711 + 30);
        _exit(0);
    }
    CHECK(wait_for_stop(child) == SIGSTOP);
    errno = 0;
    long peeked = ptrace(PTRACE_PEEKDATA, child, (void *)&secret, NULL);
    CHECK(errno == 0 && (uint64_t)peeked == secret);
    CHECK(ptrace(PTRACE_POKEDATA, child, (void *)&secret, 4711l) == 0);
    uintptr_t place = (uintptr_t)target;
    long code = ptrace(PTRACE_PEEKTEXT, child, place, NULL);
    long trap = (code & ~0xffl) | 0xcc;
    for (int i = 0; i < 5; i++) {
        CHECK(ptrace(PTRACE_POKETEXT, child, place, trap) == 0);
        CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
        CHECK(wait_for_stop(child) == SIGTRAP);
        struct user_regs_struct regs;
        CHECK(ptrace(PTRACE_GETREGS, child, NULL, &regs) == 0);
        CHECK(regs.rip == place + 1 && regs.rdi == (unsigned)i);
        regs.rip = place;
        CHECK(ptrace(PTRACE_SETREGS, child, NULL, &regs) == 0);
        CHECK(ptrace(PTRACE_POKETEXT, child, place, code) == 0);
        CHECK(ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0);
        CHECK(wait_for_stop(child) == SIGTRAP);
        say("stopped at %llx, stack %llx\n", regs.rip, regs.rsp);
    }
    CHECK(ptrace(PTRACE_CONT, child, NULL, NULL) == 0);
    wait_for_success(child);
    say("%d read %016lx\n", (int)child, peeked);
    return 0;
}
