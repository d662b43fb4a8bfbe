/* Records of different lengths, with names padded by zeros; cookies join the two halves of a
 * rename: inotify(7). */
#include "check.h"

#include <sys/inotify.h>

int main(void)
{
    char dir[PATH_MAX];
    scratch_dir(dir);
    int in = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (in < 0)
        SKIP("no inotify here");
    int watch = inotify_add_watch(in, ".", IN_CREATE | IN_DELETE | IN_MOVE | IN_CLOSE_WRITE);
    CHECK(watch >= 0);
    char buffer[4096] __attribute__((aligned(8)));
    CHECK(read(in, buffer, sizeof buffer) == -1 && errno == EAGAIN);

    char name[40];
    snprintf(name, sizeof name, "f-%016lx", (long)random_word());
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    CHECK(fd >= 0 && close(fd) == 0 && rename(name, "b") == 0 && unlink("b") == 0);
    CHECK(read(in, buffer, 8) == -1 && errno == EINVAL);
    ssize_t n = read(in, buffer, sizeof buffer);
    CHECK(n > 0);
    int count = 0;
    for (ssize_t at = 0; at < n; count++) {
        const struct inotify_event *e = (const struct inotify_event *)(buffer + at);
        say("mask %x cookie %u name %s (%u)\n", e->mask, e->cookie, e->name, e->len);
        at += (ssize_t)(sizeof *e + e->len);
    }
    CHECK(count == 5);
    CHECK(inotify_rm_watch(in, watch) == 0);
    CHECK(read(in, buffer, sizeof buffer) == sizeof(struct inotify_event));
    scratch_dir_remove(dir);
    return 0;
}
