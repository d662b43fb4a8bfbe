/* A child that shares memory and has a stack of its own; the parent stands still. CLEARTID is
 * written when it ends, because the memory is shared: clone(2), kernel/fork.c, mm_release(). */
#include "check.h"

#include <sched.h>

static volatile int shared, parent_tid, child_tid = 1;
static volatile uint64_t word;

static int run(void *arg)
{
    shared = *(int *)arg;
    word = random_word();
    CHECK(child_tid == getpid());
    sleep_ms(10);
    return 12;
}

int main(void)
{
    static char stack[1 << 16] __attribute__((aligned(16)));
    int arg = 55;
    pid_t child = clone(run, stack + sizeof stack,
                        CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                            CLONE_CHILD_CLEARTID | SIGCHLD,
                        &arg, &parent_tid, NULL, &child_tid);
    CHECK(child > 0);
    CHECK(shared == 55 && parent_tid == child);
    CHECK(child_tid == 0);
    CHECK(WEXITSTATUS(wait_for(child)) == 12);
    say("child %d wrote %016lx on stack %p\n", (int)child, (long)word, (void *)stack);
    return 0;
}
