/* Empty arguments, no arguments at all, bytes that are no text, long ones, a large environment:
 * execve(2). Linux makes an empty argv into one with an empty string since 5.18. */
#include "check.h"

extern char **environ;

static int after_exec(int argc, char **argv)
{
    uint64_t hash = 0;
    for (int i = 0; i < argc; i++)
        hash = hash * 31 + hash_of(argv[i], strlen(argv[i]) + 1);
    int count = 0;
    for (char **e = environ; *e != NULL; e++, count++)
        hash = hash * 31 + hash_of(*e, strlen(*e) + 1);
    say("%d arguments, %d variables, %016lx, pid %d\n", argc, count, (long)hash, (int)getpid());
    return argc;
}

static void run(int expected, char *const args[], char *const env[])
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execve("/proc/self/exe", args, env);
        _exit(100);
    }
    CHECK(WEXITSTATUS(wait_for(child)) == expected);
}

int main(int argc, char **argv)
{
    if (getenv("AGAIN") != NULL || argc == 0 || argv[0][0] == 0)
        return after_exec(argc, argv);
    char *const env[] = {"AGAIN=1", "", "=x", "no equals sign", "AGAIN=2", "\xff\xfe=\x01", NULL};
    run(3, (char *const[]){"", "", "", NULL}, env);
    run(4, (char *const[]){"a", "\xff\xfe\x80", "\n\t\x1b[31m", "'\"$(x)`\\", NULL}, env);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        syscall(SYS_execve, "/proc/self/exe", NULL, NULL);
        _exit(100);
    }
    int status = WEXITSTATUS(wait_for(child));
    CHECK(status == 1 || status == 0);
    static char large[100000], *many[5000];
    memset(large, 'l', sizeof large - 1);
    for (int i = 0; i < 4999; i++)
        many[i] = i % 1000 == 7 ? large : "some";
    pid_t last = fork();
    CHECK(last >= 0);
    if (last == 0) {
        execve("/proc/self/exe", many, env);
        _exit(100);
    }
    CHECK(WEXITSTATUS(wait_for(last)) == (4999 & 255));
    return 0;
}
