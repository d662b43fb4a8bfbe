/* A child in new user, mount and UTS namespaces: it is root there, has another host name and mounts
 * of its own: user_namespaces(7). */
#include "check.h"

#include <sched.h>
#include <sys/mount.h>

static void put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    CHECK(fd >= 0);
    write_all(fd, text, strlen(text));
    close(fd);
}

int main(void)
{
    int uid = (int)getuid(), gid = (int)getgid();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWUTS) < 0)
            SKIP("no user namespaces here (errno %d)", errno);
        char map[64], name[64];
        put("/proc/self/setgroups", "deny");
        snprintf(map, sizeof map, "0 %d 1", uid);
        put("/proc/self/uid_map", map);
        snprintf(map, sizeof map, "0 %d 1", gid);
        put("/proc/self/gid_map", map);
        CHECK(getuid() == 0);
        CHECK(sethostname("elsewhere", 9) == 0 && gethostname(name, sizeof name) == 0);
        CHECK(strcmp(name, "elsewhere") == 0);
        if (mount("none", "/tmp", "tmpfs", 0, NULL) == 0) {
            int fd = open("/tmp/only-here", O_CREAT | O_WRONLY, 0600);
            CHECK(fd >= 0);
            say("mounted\n");
        }
        say("%d is uid %d on %s\n", (int)getpid(), (int)getuid(), name);
        _exit(0);
    }
    wait_for_success(child);
    CHECK(access("/tmp/only-here", F_OK) == -1);
    return 0;
}
