/* process_vm_readv and process_vm_writev between processes: the writer's call changes the memory of
 * another, which sees it without any call of its own: process_vm_readv(2). */
#include "check.h"

#include <sys/uio.h>

static volatile uint64_t mailbox[8];

int main(void)
{
    int to[2], back[2];
    char byte = 'x';
    CHECK(pipe(to) == 0 && pipe(back) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        mailbox[0] = random_word();
        write_all(back[1], &byte, 1);
        read_all(to[0], &byte, 1);
        CHECK(mailbox[3] == ~mailbox[0] && mailbox[4] == 0);
        say("child found %016lx\n", (long)mailbox[3]);
        _exit(0);
    }
    read_all(back[0], &byte, 1);
    uint64_t words[2] = {0, 0};
    struct iovec local = {words, 8}, remote = {(void *)&mailbox[0], 8};
    ssize_t n = process_vm_readv(child, &local, 1, &remote, 1, 0);
    if (n < 0 && (errno == ENOSYS || errno == EPERM)) {
        kill(child, SIGKILL);
        SKIP("process_vm_readv is refused here");
    }
    CHECK(n == 8 && words[0] != 0 && mailbox[0] == 0);
    words[0] = ~words[0];
    struct iovec remotes[2] = {{(void *)&mailbox[3], 4}, {(char *)(uintptr_t)&mailbox[3] + 4, 4}};
    CHECK(process_vm_writev(child, &local, 1, remotes, 2, 0) == 8);
    remote.iov_base = (void *)4096;
    CHECK(process_vm_readv(child, &local, 1, &remote, 1, 0) == -1 && errno == EFAULT);
    write_all(to[1], &byte, 1);
    wait_for_success(child);
    CHECK(mailbox[3] == 0);
    say("parent wrote %016lx to %d\n", (long)words[0], (int)child);
    return 0;
}
