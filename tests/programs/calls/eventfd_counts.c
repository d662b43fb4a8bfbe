/* An eventfd adds what is written and hands it out by one read, or by ones: eventfd(2). */
#include "check.h"

#include <sys/eventfd.h>

int main(void)
{
    int fd = eventfd(3, EFD_NONBLOCK | EFD_CLOEXEC);
    CHECK(fd >= 0);
    uint64_t value = random_word() >> 8, read_back;
    CHECK(write(fd, &value, 8) == 8);
    CHECK(read(fd, &read_back, 8) == 8 && read_back == value + 3);
    say("%lu\n", (long)read_back);
    CHECK(read(fd, &read_back, 8) == -1 && errno == EAGAIN);
    CHECK(read(fd, &read_back, 4) == -1 && errno == EINVAL);
    value = UINT64_MAX;
    CHECK(write(fd, &value, 8) == -1 && errno == EINVAL);

    int semaphore = eventfd(2, EFD_SEMAPHORE);
    CHECK(semaphore >= 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        sleep_ms(30);
        value = 1;
        CHECK(write(semaphore, &value, 8) == 8);
        _exit(0);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(read(semaphore, &read_back, 8) == 8 && read_back == 1);
        say("one at %ld\n", (long)now_ns());
    }
    wait_for_success(child);
    return 0;
}
