/* select(2) on Linux writes the time that is left, and the sets in whole words; a failing select
 * leaves the sets as they were. fs/select.c, core_sys_select(), poll_select_finish(). */
#include "check.h"

#include <sys/select.h>

int main(void)
{
    int a[2], b[2];
    CHECK(pipe(a) == 0 && pipe(b) == 0);
    fd_set in, out;
    memset(&in, 0, sizeof in), memset(&out, 0, sizeof out);
    FD_SET(a[0], &in), FD_SET(b[0], &in), FD_SET(a[1], &out), FD_SET(1000, &in);
    uint64_t word = random_word();
    write_all(b[1], &word, sizeof word);
    struct timeval left = {5, 0};
    CHECK(select(b[1] + 1, &in, &out, NULL, &left) == 2);
    CHECK(!FD_ISSET(a[0], &in) && FD_ISSET(b[0], &in) && FD_ISSET(a[1], &out));
    CHECK(FD_ISSET(1000, &in)); /* beyond the words of nfds nothing is touched */
    CHECK(left.tv_sec == 4 || (left.tv_sec == 5 && left.tv_usec == 0));
    say("left %ld.%06ld, sets %016lx\n", (long)left.tv_sec, (long)left.tv_usec,
        (long)hash_of(&in, sizeof in));

    FD_ZERO(&in);
    FD_SET(a[0], &in);
    left = (struct timeval){0, 20000};
    CHECK(select(a[0] + 1, &in, NULL, NULL, &left) == 0);
    CHECK(!FD_ISSET(a[0], &in) && left.tv_sec == 0 && left.tv_usec == 0);

    close(a[0]);
    FD_SET(a[0], &in);
    CHECK(select(a[0] + 1, &in, NULL, NULL, NULL) == -1 && errno == EBADF && FD_ISSET(a[0], &in));

    /* The system call pselect6 writes the time left too; libc hides that. */
    struct timespec raw = {3, 0};
    FD_ZERO(&in);
    FD_SET(b[0], &in);
    CHECK(syscall(SYS_pselect6, b[0] + 1, &in, NULL, NULL, &raw, NULL) == 1);
    CHECK(raw.tv_sec < 3 || raw.tv_nsec == 0);
    say("left of pselect6: %ld.%09ld\n", (long)raw.tv_sec, raw.tv_nsec);
    return 0;
}
