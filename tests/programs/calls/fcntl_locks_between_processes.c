/* F_GETLK rewrites the structure with who holds the lock, F_SETLKW blocks until it is free; locks
 * of an open file description and flock(2) belong to the file, not to the process: fcntl(2). */
#include "check.h"

#include <sys/file.h>

int main(void)
{
    int fd = scratch_file(), ready[2];
    CHECK(pipe(ready) == 0);
    pid_t parent = getpid(), child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        struct flock lock = {.l_type = F_WRLCK, .l_start = 100, .l_len = 50};
        CHECK(fcntl(fd, F_SETLK, &lock) == 0);
        write_all(ready[1], "x", 1);
        sleep_ms(50);
        uint64_t word = random_word();
        CHECK(pwrite(fd, &word, sizeof word, 0) == sizeof word);
        _exit(0);
    }
    char byte;
    read_all(ready[0], &byte, 1);
    struct flock lock = {.l_type = F_RDLCK, .l_start = 120, .l_len = 1000};
    CHECK(fcntl(fd, F_GETLK, &lock) == 0);
    CHECK(lock.l_type == F_WRLCK && lock.l_pid == child && lock.l_start == 100 && lock.l_len == 50);
    say("locked by %d, %ld+%ld\n", (int)lock.l_pid, (long)lock.l_start, (long)lock.l_len);
    lock = (struct flock){.l_type = F_RDLCK, .l_start = 120, .l_len = 1000};
    CHECK(fcntl(fd, F_SETLK, &lock) == -1 && (errno == EAGAIN || errno == EACCES));
    CHECK(fcntl(fd, F_SETLKW, &lock) == 0);
    uint64_t word;
    CHECK(pread(fd, &word, sizeof word, 0) == sizeof word);
    say("got the lock and %016lx\n", (long)word);
    wait_for_success(child);
    CHECK(getpid() == parent);

    struct flock ofd = {.l_type = F_WRLCK, .l_len = 10};
    CHECK(fcntl(fd, F_OFD_SETLK, &ofd) == 0);
    char self[32];
    snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
    int other = open(self, O_RDWR);
    CHECK(other >= 0);
    ofd = (struct flock){.l_type = F_WRLCK, .l_len = 10};
    CHECK(fcntl(other, F_OFD_GETLK, &ofd) == 0 && ofd.l_type == F_WRLCK && ofd.l_pid == -1);
    CHECK(flock(fd, LOCK_EX) == 0);
    CHECK(flock(other, LOCK_EX | LOCK_NB) == -1 && errno == EWOULDBLOCK);
    return 0;
}
