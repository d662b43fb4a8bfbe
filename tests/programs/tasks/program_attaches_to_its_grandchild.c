/* PTRACE_ATTACH and PTRACE_SEIZE of a process that is no child: waitpid blocks for its stops, tells
 * its end once and fails with ECHILD then; SIGCHLD has CLD_TRAPPED: ptrace(2), wait(2). */
#include "tracer.h"

static volatile sig_atomic_t trapped;

static void handler(int sig, siginfo_t *info, void *context)
{
    (void)sig;
    (void)context;
    trapped += info->si_code == CLD_TRAPPED;
}

/* The grandchild's pid; its parent has waited for nothing yet. */
static pid_t start(int *ret_go, pid_t *ret_child)
{
    int go[2], tell[2];
    CHECK(pipe(go) == 0 && pipe(tell) == 0);
    *ret_child = fork();
    CHECK(*ret_child >= 0);
    if (*ret_child == 0) {
        pid_t pid = fork();
        if (pid == 0) {
            char byte;
            while (read(go[0], &byte, 1) < 0)
                CHECK(errno == EINTR);
            _exit(9);
        }
        write_all(tell[1], &pid, sizeof pid);
        int status = wait_for(pid);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
    pid_t grandchild;
    read_all(tell[0], &grandchild, sizeof grandchild);
    *ret_go = go[1];
    return grandchild;
}

int main(void)
{
    handle(SIGCHLD, handler, SA_RESTART);
    int go, status;
    pid_t child, pid = start(&go, &child);
    if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0) {
        kill(pid, SIGKILL);
        SKIP("a process cannot be attached to here (errno %d)", errno);
    }
    CHECK(waitpid(pid, &status, 0) == pid && WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    while (trapped == 0) /* the stop can be waited for before the signal is sent */
        sleep_ms(1);
    CHECK(trapped == 1);
    CHECK(waitpid(pid, &status, WNOHANG) == 0);
    struct user_regs_struct regs;
    CHECK(ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0);
    say("%d reads at %llx\n", (int)pid, regs.rip);
    CHECK(ptrace(PTRACE_DETACH, pid, NULL, NULL) == 0);
    CHECK(waitpid(pid, &status, WNOHANG) == -1 && errno == ECHILD);

    CHECK(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT) == 0);
    CHECK(ptrace(PTRACE_SEIZE, pid, NULL, NULL) == -1 && errno == EPERM);
    write_all(go, "x", 1);
    CHECK(waitpid(pid, &status, __WALL) == pid && status >> 16 == PTRACE_EVENT_EXIT);
    CHECK(ptrace(PTRACE_CONT, pid, NULL, NULL) == 0);
    CHECK(waitpid(pid, &status, __WALL) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 9);
    CHECK(waitpid(pid, &status, __WALL) == -1 && errno == ECHILD);
    CHECK(WEXITSTATUS(wait_for(child)) == 9);
    return 0;
}
