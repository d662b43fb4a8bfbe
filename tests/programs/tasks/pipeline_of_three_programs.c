/* What a shell does for "a | b | c": three children joined by pipes. */
#include "check.h"

static pid_t start(int in, int out, int unused, char *const args[])
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(in, 0);
        dup2(out, 1);
        if (in > 2)
            close(in);
        if (out > 2)
            close(out);
        if (unused >= 0)
            close(unused);
        execvp(args[0], args);
        _exit(127);
    }
    return child;
}

int main(void)
{
    int a[2], b[2];
    CHECK(pipe(a) == 0);
    pid_t first = start(0, a[1], a[0], (char *const[]){"head", "-c", "3000", "/dev/urandom", NULL});
    close(a[1]);
    CHECK(pipe(b) == 0);
    pid_t second = start(a[0], b[1], b[0], (char *const[]){"od", "-An", "-tx1", NULL});
    close(a[0]), close(b[1]);
    pid_t third = start(b[0], 1, -1, (char *const[]){"sort", NULL});
    close(b[0]);
    wait_for_success(first);
    wait_for_success(second);
    wait_for_success(third);
    return 0;
}
