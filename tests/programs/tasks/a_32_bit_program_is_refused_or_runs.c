/* Executing a 32-bit ELF file: where the kernel can, it runs; a recorder that cannot follow says so
 * and must not hang or record it wrongly. The file is a hand-made one of 95 bytes. */
#include "check.h"

/* ELF32, one segment; mov $1, %eax; mov $42, %ebx; int $0x80 */
static const unsigned char program[] = {
    0x7f, 'E',  'L', 'F', 1,    1,    1, 0, 0,  0,    0,  0, 0,  0, 0,    0,    2, 0, 3, 0,
    1,    0,    0,   0,   0x54, 0x80, 4, 8, 52, 0,    0,  0, 0,  0, 0,    0,    0, 0, 0, 0,
    52,   0,    32,  0,   1,    0,    0, 0, 0,  0,    0,  0, 1,  0, 0,    0,    0, 0, 0, 0,
    0,    0x80, 4,   8,   0,    0x80, 4, 8, 96, 0,    0,  0, 96, 0, 0,    0,    5, 0, 0, 0,
    0,    0x10, 0,   0,   0xb8, 1,    0, 0, 0,  0xbb, 42, 0, 0,  0, 0xcd, 0x80,
};

int main(void)
{
    char dir[PATH_MAX];
    scratch_dir(dir);
    int fd = open("program", O_CREAT | O_WRONLY | O_CLOEXEC, 0700);
    CHECK(fd >= 0);
    write_all(fd, program, sizeof program);
    CHECK(close(fd) == 0);
    say("pid %d\n", (int)getpid());
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        execl("./program", "program", (char *)NULL);
        _exit(errno == ENOEXEC ? 90 : 91);
    }
    int status = wait_for(child);
    CHECK(unlink("program") == 0);
    scratch_dir_remove(dir);
    say("status %x\n", status);
    CHECK(!WIFSTOPPED(status));
    return 0;
}
