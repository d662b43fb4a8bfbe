/* execveat(2) with AT_EMPTY_PATH runs what a descriptor refers to: a file that has no name any
 * more, a memfd. */
#include "check.h"

#include <sys/mman.h>
#include <sys/sendfile.h>

extern char **environ;

int main(int argc, char **argv)
{
    if (argc > 1) {
        char exe[PATH_MAX] = "";
        CHECK(readlink("/proc/self/exe", exe, sizeof exe - 1) > 0);
        say("%s runs as %s, %d\n", argv[1], strstr(exe, "(deleted)") ? "deleted" : "named",
            (int)getpid());
        return 0;
    }
    int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    CHECK(self >= 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        fexecve(self, (char *const[]){argv[0], "fexecve", NULL}, environ);
        _exit(1);
    }
    wait_for_success(child);

    int memory = memfd_create("program", MFD_CLOEXEC);
    struct stat s;
    CHECK(memory >= 0 && fstat(self, &s) == 0);
    CHECK(sendfile(memory, self, NULL, (size_t)s.st_size) == s.st_size);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        syscall(SYS_execveat, memory, "", (char *const[]){argv[0], "memfd", NULL}, environ,
                AT_EMPTY_PATH);
        _exit(1);
    }
    wait_for_success(child);
    child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        int dir = open("/bin", O_PATH | O_DIRECTORY);
        syscall(SYS_execveat, dir, "sh", (char *const[]){"sh", "-c", "echo by directory $$", NULL},
                environ, 0);
        _exit(1);
    }
    wait_for_success(child);
    return 0;
}
