/* waitid by pid, group and all, with WNOHANG, WNOWAIT, WSTOPPED; with nothing to report the
 * siginfo's fields are zeroed; the system call has a fifth argument: waitid(2). */
#include "check.h"

#include <sys/resource.h>

int main(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        setpgid(0, 0);
        raise(SIGSTOP);
        raise(SIGKILL);
    }
    siginfo_t info;
    memset(&info, 0xaa, sizeof info);
    CHECK(waitid(P_ALL, 0, &info, WSTOPPED) == 0);
    CHECK(info.si_code == CLD_STOPPED && info.si_status == SIGSTOP && info.si_pid == child);
    memset(&info, 0xaa, sizeof info);
    CHECK(waitid(P_PGID, (id_t)child, &info, WEXITED | WNOHANG) == 0);
    CHECK(info.si_pid == 0 && info.si_signo == 0);
    say("%016lx\n", (long)hash_of(&info, sizeof info));
    CHECK(waitpid(-child, NULL, WNOHANG) == 0);
    CHECK(kill(child, SIGCONT) == 0);
    struct rusage usage;
    memset(&usage, 0xaa, sizeof usage);
    CHECK(syscall(SYS_waitid, P_PID, child, &info, WEXITED | WNOWAIT, &usage) == 0);
    CHECK(info.si_code == CLD_KILLED && info.si_status == SIGKILL);
    CHECK(waitid(P_PGID, (id_t)child, NULL, WEXITED) == 0);
    CHECK(waitid(P_ALL, 0, &info, WEXITED) == -1 && errno == ECHILD);
    CHECK(waitid(P_ALL, 0, &info, 0) == -1 && errno == EINVAL);
    say("%d: %ld faults\n", (int)child, usage.ru_minflt);

    int status = 1234567;
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(20);
        _exit(0);
    }
    CHECK(wait4(-1, &status, WNOHANG, NULL) == 0 && status == 1234567);
    CHECK(wait4(0, &status, 0, NULL) == child && status == 0);
    return 0;
}
