/* The same path executed twice with another content in between: what runs is what the file held
 * then. A recorder that keeps files by name gets it wrong. */
#include "check.h"

static void install(const char *text)
{
    int fd = open("new", O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0700);
    CHECK(fd >= 0);
    write_all(fd, text, strlen(text));
    CHECK(close(fd) == 0 && rename("new", "program") == 0);
}

static void run(int expected)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("./program", "program", (char *)NULL);
        _exit(100);
    }
    CHECK(WEXITSTATUS(wait_for(child)) == expected);
}

int main(void)
{
    char dir[PATH_MAX], text[200];
    scratch_dir(dir);
    for (int i = 0; i < 4; i++) {
        snprintf(text, sizeof text, "#!/bin/sh\necho %016lx from $$\nexit %d\n",
                 (long)random_word(), i);
        install(text);
        run(i);
    }
    /* Now an ELF file under the same name. */
    char command[64];
    snprintf(command, sizeof command, "cp /bin/true program");
    CHECK(system(command) == 0);
    run(0);
    CHECK(unlink("program") == 0);
    scratch_dir_remove(dir);
    return 0;
}
