/* Makes many different system calls, between two marks, with arguments and results that show how
 * they are decoded. What fails where it runs may fail: it fails the same under strace and under
 * record. */
#include <arpa/inet.h>
#include <asm/prctl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <mqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#define S(name, ...) syscall(SYS_##name, ##__VA_ARGS__)

static char page[65536] __attribute__((aligned(4096)));

static void mark(const char *text)
{
    S(write, -1, text, strlen(text));
}

static void files(void)
{
    char buf[256] = "", *at = buf;
    struct stat st;
    struct statx stx;
    struct statfs fs;
    struct iovec iov[2] = {{"hello ", 6}, {"world\n\1\200", 8}}, in[2] = {{buf, 4}, {buf + 10, 30}};
    int fd = (int)S(open, "a", O_RDWR | O_CREAT | O_TRUNC, 0644);
    S(write, fd, "one\ttwo\n\0\377three \"quoted\" \\ four five six seven", 46);
    S(writev, fd, iov, 2);
    S(pwrite64, fd, "XY", 2, 3);
    S(pwritev, fd, iov, 1, 100, 0);
    S(pwritev2, fd, iov, 1, 200, 0, 0);
    S(lseek, fd, 0, SEEK_SET);
    S(read, fd, buf, 10);
    S(read, fd, buf, 200);
    S(read, fd, buf, 0);
    S(lseek, fd, -5, SEEK_END);
    S(pread64, fd, buf, 20, 1);
    S(pread64, -1, buf, 20, 1);
    S(lseek, fd, 0, SEEK_SET);
    S(readv, fd, in, 2);
    S(preadv, fd, in, 2, 3, 0);
    S(preadv2, fd, in, 2, 3, 0, 0);
    S(ftruncate, fd, 5000);
    S(truncate, "a", 4096);
    S(truncate, "missing", 4096);
    S(fallocate, fd, FALLOC_FL_KEEP_SIZE, 0, 8192);
    S(fadvise64, fd, 0, 4096, POSIX_FADV_DONTNEED);
    S(readahead, fd, 0, 4096);
    S(sync_file_range, fd, 0, 4096, SYNC_FILE_RANGE_WRITE);
    S(fsync, fd);
    S(fdatasync, fd);
    S(flock, fd, LOCK_EX | LOCK_NB);
    S(flock, fd, LOCK_UN);
    S(stat, "a", &st);
    S(lstat, "a", &st);
    S(fstat, fd, &st);
    S(stat, "/dev/null", &st);
    S(stat, "missing", &st);
    S(newfstatat, AT_FDCWD, "a", &st, AT_SYMLINK_NOFOLLOW);
    S(statx, AT_FDCWD, "a", AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, &stx);
    S(statfs, ".", &fs);
    S(fstatfs, fd, &fs);
    S(access, "a", F_OK);
    S(access, "a", R_OK | W_OK);
    S(faccessat, AT_FDCWD, "missing", X_OK);
    S(faccessat2, AT_FDCWD, "a", R_OK, AT_EACCESS);
    S(chmod, "a", 0600);
    S(fchmod, fd, 04755);
    S(fchmodat, AT_FDCWD, "a", 0644);
    S(chown, "a", -1, -1);
    S(fchown, fd, getuid(), -1);
    S(lchown, "a", -1, getgid());
    S(fchownat, AT_FDCWD, "a", -1, -1, AT_SYMLINK_NOFOLLOW);
    S(utime, "a", &(struct utimbuf){1000000000, 1000000001});
    S(utimes, "a", (struct timeval[]){{1000000000, 5}, {1000000001, 0}});
    S(futimesat, AT_FDCWD, "a", NULL);
    S(utimensat, AT_FDCWD, "a", (struct timespec[]){{0, UTIME_NOW}, {1000000000, 7}}, 0);
    S(utimensat, AT_FDCWD, "missing", (struct timespec[]){{0, UTIME_OMIT}, {1, 0}}, 0);
    S(umask, 027);
    S(umask, 022);
    S(mkdir, "d", 0755);
    S(mkdirat, AT_FDCWD, "d/e", 0700);
    S(rmdir, "d/e");
    S(mknod, "fifo", S_IFIFO | 0644, 0);
    S(mknodat, AT_FDCWD, "node", S_IFREG | 0600, 0);
    S(link, "a", "b");
    S(linkat, AT_FDCWD, "a", AT_FDCWD, "c", 0);
    S(symlink, "a", "s");
    S(symlinkat, "a", AT_FDCWD, "s2");
    S(readlink, "s", buf, sizeof buf);
    S(readlinkat, AT_FDCWD, "s2", buf, sizeof buf);
    S(rename, "b", "b2");
    S(renameat, AT_FDCWD, "b2", AT_FDCWD, "b3");
    S(renameat2, AT_FDCWD, "b3", AT_FDCWD, "c", 1);
    S(unlink, "b3");
    S(unlinkat, AT_FDCWD, "d", AT_REMOVEDIR);
    S(chdir, ".");
    int dir = (int)S(openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    S(fchdir, dir);
    S(getdents64, dir, page, sizeof page);
    S(getdents64, dir, page, sizeof page);
    S(lseek, dir, 0, SEEK_SET);
    S(getdents, dir, page, sizeof page);
    S(getcwd, page, sizeof page);
    struct open_how how = {.flags = O_RDONLY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
    S(openat2, AT_FDCWD, "a", &how, sizeof how);
    S(creat, "z", 0640);
    S(setxattr, "a", "user.x", "value", 5, 0);
    S(getxattr, "a", "user.x", buf, sizeof buf);
    S(lgetxattr, "a", "user.none", buf, sizeof buf);
    S(fsetxattr, fd, "user.y", "v\1", 2, 1);
    S(fgetxattr, fd, "user.y", buf, sizeof buf);
    S(listxattr, "a", buf, sizeof buf);
    S(llistxattr, "a", buf, 0);
    S(flistxattr, fd, buf, sizeof buf);
    S(removexattr, "a", "user.x");
    S(lremovexattr, "a", "user.x");
    S(fremovexattr, fd, "user.y");
    S(sendfile, fd, dir, NULL, 10);
    off_t off = 0;
    int out = (int)S(open, "z", O_WRONLY | O_APPEND);
    S(sendfile, out, fd, &off, 10);
    S(copy_file_range, fd, NULL, out, NULL, 16, 0);
    S(close, out);
    S(syncfs, fd);
    S(sync);
    S(fcntl, fd, F_GETFD);
    S(fcntl, fd, F_SETFD, FD_CLOEXEC);
    S(fcntl, fd, F_GETFD);
    S(fcntl, fd, F_GETFL);
    S(fcntl, fd, F_SETFL, O_RDWR | O_APPEND);
    S(fcntl, fd, F_DUPFD, 50);
    S(fcntl, fd, F_DUPFD_CLOEXEC, 60);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};
    S(fcntl, fd, F_SETLK, &lock);
    S(fcntl, fd, F_GETLK, &lock);
    S(fcntl, fd, F_GETOWN);
    S(dup, fd);
    S(dup2, fd, 70);
    S(dup3, fd, 71, O_CLOEXEC);
    S(close, 71);
    S(close, 999);
    S(close_range, 50, 80, 0);
    int m = (int)S(memfd_create, "mem", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    S(fcntl, m, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    S(fcntl, m, F_GET_SEALS);
    S(chroot, "/nonexistent");
    S(mount, "none", "/nonexistent", "tmpfs", MS_RDONLY | MS_NOSUID, "size=1k");
    S(umount2, "/nonexistent", MNT_DETACH);
    S(pivot_root, "/nonexistent", "/nonexistent");
    S(acct, "/nonexistent");
    int watch = (int)S(inotify_init1, IN_CLOEXEC | IN_NONBLOCK);
    S(inotify_add_watch, watch, ".", IN_CREATE | IN_DELETE);
    S(inotify_rm_watch, -1, 1);
    S(inotify_init);
    (void)at;
}

static void pipes(void)
{
    int p[2], q[2];
    char buf[64];
    struct iovec iov = {"vm", 2};
    S(pipe, p);
    S(pipe2, q, O_CLOEXEC | O_NONBLOCK);
    S(write, p[1], "data", 4);
    S(tee, p[0], q[1], 10, 0);
    S(splice, p[0], NULL, q[1], NULL, 10, SPLICE_F_MOVE);
    S(vmsplice, q[1], &iov, 1, 0);
    S(read, q[0], buf, sizeof buf);
    S(read, q[0], buf, sizeof buf);
    struct pollfd fds[2] = {{p[0], POLLIN, 0}, {p[1], POLLOUT, 0}};
    S(poll, fds, 2, 0);
    S(poll, fds, 1, 0);
    S(ppoll, fds, 2, &(struct timespec){1, 0}, NULL, 8);
    fd_set r, w;
    FD_ZERO(&r);
    FD_ZERO(&w);
    FD_SET(p[0], &r);
    FD_SET(p[1], &w);
    S(select, p[1] + 1, &r, &w, NULL, &(struct timeval){1, 0});
    FD_ZERO(&r);
    FD_SET(p[0], &r);
    S(select, p[1] + 1, &r, NULL, NULL, &(struct timeval){0, 10});
    FD_SET(p[0], &r);
    S(pselect6, p[1] + 1, &r, NULL, NULL, &(struct timespec){0, 10}, NULL);
    int e = (int)S(epoll_create1, EPOLL_CLOEXEC);
    struct epoll_event ev = {EPOLLIN | EPOLLET, {.u64 = 0x1234567890}}, evs[4];
    S(epoll_ctl, e, EPOLL_CTL_ADD, p[0], &ev);
    S(epoll_wait, e, evs, 4, 0);
    S(write, p[1], "x", 1);
    S(epoll_wait, e, evs, 4, 0);
    S(epoll_pwait, e, evs, 4, 0, NULL, 8);
    ev.events = EPOLLOUT;
    S(epoll_ctl, e, EPOLL_CTL_MOD, p[0], &ev);
    S(epoll_ctl, e, EPOLL_CTL_DEL, p[0], NULL);
    S(epoll_create, 1);
    S(eventfd, 3);
    S(eventfd2, 0, 02000000 | 04000);
    uint64_t set = 1ull << (SIGUSR1 - 1);
    S(signalfd4, -1, &set, 8, 02000000);
    int t = (int)S(timerfd_create, CLOCK_MONOTONIC, TFD_CLOEXEC);
    struct itimerspec its = {{0, 0}, {100, 5}};
    S(timerfd_settime, t, 0, &its, NULL);
    S(timerfd_gettime, t, &its);
    S(ioctl, 0, TCGETS, page);
    S(ioctl, p[0], FIONREAD, page);
    S(ioctl, p[0], FIONBIO, page + 100);
    S(ioctl, -1, TIOCGWINSZ, page);
    S(ioctl, -1, 0x12345678, page);
    S(close_range, 3, 1000, 0);
}

static void sockets(void)
{
    struct sockaddr_in in = {AF_INET, htons(0), {htonl(INADDR_LOOPBACK)}, {0}};
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    struct sockaddr_un un = {AF_UNIX, "sock"};
    socklen_t len = sizeof in;
    char buf[128];
    int l = (int)S(socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP), one = 1, pair[2];
    S(setsockopt, l, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    S(setsockopt, l, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    S(bind, l, &in, sizeof in);
    S(listen, l, 5);
    S(getsockname, l, &in, &len);
    len = sizeof in;
    int c = (int)S(socket, AF_INET, SOCK_STREAM, 0);
    S(connect, c, &in, sizeof in);
    len = sizeof buf;
    int a = (int)S(accept4, l, buf, &len, SOCK_CLOEXEC);
    len = sizeof in;
    S(getpeername, a, &in, &len);
    len = sizeof one;
    S(getsockopt, c, SOL_SOCKET, SO_ERROR, &one, &len);
    S(getsockopt, c, SOL_SOCKET, SO_TYPE, &one, &len);
    S(sendto, c, "ping", 4, MSG_NOSIGNAL, NULL, 0);
    S(recvfrom, a, buf, sizeof buf, 0, NULL, NULL);
    struct iovec iov = {"pong", 4};
    struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};
    S(sendmsg, a, &h, 0);
    struct iovec into = {buf, sizeof buf};
    struct msghdr g = {.msg_iov = &into, .msg_iovlen = 1};
    S(recvmsg, c, &g, 0);
    S(recvmsg, c, &g, MSG_DONTWAIT);
    S(shutdown, c, SHUT_RDWR);
    S(connect, -1, &in6, sizeof in6);
    S(socketpair, AF_UNIX, SOCK_DGRAM, 0, pair);
    union {
        struct cmsghdr h;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.h = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    memcpy(CMSG_DATA(&control.h), &pair[0], sizeof(int));
    h.msg_control = &control;
    h.msg_controllen = sizeof control;
    S(sendmsg, pair[0], &h, 0);
    g.msg_control = page;
    g.msg_controllen = 100;
    S(recvmsg, pair[1], &g, MSG_CMSG_CLOEXEC);
    struct mmsghdr many[2] = {{.msg_hdr = {.msg_iov = &iov, .msg_iovlen = 1}},
                              {.msg_hdr = {.msg_iov = &iov, .msg_iovlen = 1}}};
    S(sendmmsg, pair[0], many, 2, 0);
    many[0].msg_hdr.msg_iov = &into;
    many[1].msg_hdr.msg_iov = &into;
    S(recvmmsg, pair[1], many, 2, MSG_DONTWAIT, NULL);
    int u = (int)S(socket, AF_UNIX, SOCK_STREAM, 0);
    S(bind, u, &un, sizeof un);
    S(connect, u, &un, sizeof un);
    un.sun_path[0] = 0;
    S(connect, u, &un, 10);
    S(accept, -1, NULL, NULL);
    S(socket, AF_NETLINK, SOCK_RAW, 0);
    S(socket, 77, SOCK_STREAM, 0);
    S(close_range, 3, 1000, 0);
}

static void handler(int n)
{
    (void)n;
}

static void signals(void)
{
    struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigset_t set;
    siginfo_t info;
    stack_t ss = {page, 0, 16384};
    sigaddset(&sa.sa_mask, SIGTERM);
    sigaction(SIGUSR1, &sa, NULL);
    S(rt_sigaction, SIGINT, NULL, page, 8);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGALRM);
    sigaddset(&set, 40);
    S(rt_sigprocmask, SIG_BLOCK, &set, NULL, 8);
    S(rt_sigprocmask, SIG_SETMASK, NULL, &set, 8);
    S(rt_sigpending, &set, 8);
    S(kill, getpid(), SIGUSR1);
    S(tgkill, getpid(), getpid(), SIGUSR1);
    S(tkill, getpid(), SIGUSR2);
    S(kill, getpid(), SIGALRM);
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    S(rt_sigtimedwait, &set, &info, &(struct timespec){0, 1000}, 8);
    S(rt_sigtimedwait, &set, NULL, &(struct timespec){0, 1000}, 8);
    memset(&info, 0, sizeof info);
    info.si_signo = SIGUSR1;
    info.si_code = SI_QUEUE;
    info.si_pid = 1;
    info.si_int = 7;
    S(rt_sigqueueinfo, getpid(), SIGUSR1, &info);
    S(rt_tgsigqueueinfo, getpid(), getpid(), SIGUSR1, &info);
    S(sigaltstack, &ss, NULL);
    S(sigaltstack, NULL, &ss);
    S(alarm, 0);
    struct itimerval it = {{0, 0}, {100, 0}};
    S(setitimer, ITIMER_REAL, &it, NULL);
    S(getitimer, ITIMER_VIRTUAL, &it);
    memset(&it, 0, sizeof it);
    S(setitimer, ITIMER_REAL, &it, page);
    int id = 0;
    struct sigevent se = {.sigev_notify = SIGEV_NONE, .sigev_signo = SIGALRM};
    S(timer_create, CLOCK_MONOTONIC, &se, &id);
    struct itimerspec its = {{0, 0}, {10, 0}};
    S(timer_settime, id, 0, &its, NULL);
    S(timer_gettime, id, &its);
    S(timer_getoverrun, id);
    S(timer_delete, id);
}

static void times_(void)
{
    struct timespec ts = {0, 1000};
    struct timeval tv;
    struct tms tms;
    struct timex tx = {0};
    time_t t;
    S(time, &t);
    S(time, NULL);
    S(gettimeofday, &tv, NULL);
    S(clock_gettime, CLOCK_REALTIME, &ts);
    S(clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &ts);
    S(clock_gettime, 99, &ts);
    S(clock_getres, CLOCK_MONOTONIC, &ts);
    ts = (struct timespec){0, 1000};
    S(nanosleep, &ts, NULL);
    S(clock_nanosleep, CLOCK_MONOTONIC, 0, &ts, NULL);
    S(times, &tms);
    S(adjtimex, &tx);
    S(clock_settime, CLOCK_MONOTONIC, &ts);
}

static void memory(void)
{
    char *p = mmap(NULL, 16384, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    S(mprotect, p, 4096, PROT_READ);
    S(mprotect, p, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
    S(madvise, p, 4096, MADV_DONTNEED);
    S(msync, p, 4096, MS_SYNC);
    S(mlock, p, 4096);
    S(munlock, p, 4096);
    S(mlock2, p, 4096, 1);
    S(mlockall, MCL_CURRENT);
    S(munlockall);
    S(mincore, p, 8192, page);
    p = mremap(p, 16384, 32768, MREMAP_MAYMOVE);
    S(munmap, p, 32768);
    S(munmap, 1, 5);
    S(brk, 0);
    S(membarrier, 0, 0, 0);
    S(mbind, 0, 0, 0, NULL, 0, 0);
    S(process_vm_readv, getpid(), &(struct iovec){page, 4}, 1, &(struct iovec){page + 8, 4}, 1, 0);
    S(process_vm_writev, getpid(), &(struct iovec){"abcd", 4}, 1, &(struct iovec){page, 4}, 1, 0);
    int id = (int)S(shmget, IPC_PRIVATE, 4096, IPC_CREAT | 0600);
    void *at = (void *)S(shmat, id, NULL, 0);
    S(shmdt, at);
    S(shmctl, id, IPC_STAT, page);
    S(shmctl, id, IPC_RMID, NULL);
    int sem = (int)S(semget, IPC_PRIVATE, 1, IPC_CREAT | 0600);
    struct sembuf op = {0, 1, SEM_UNDO};
    S(semop, sem, &op, 1);
    S(semtimedop, sem, &op, 1, &(struct timespec){1, 0});
    S(semctl, sem, 0, GETVAL);
    S(semctl, sem, 0, IPC_RMID);
    int q = (int)S(msgget, IPC_PRIVATE, IPC_CREAT | IPC_EXCL | 0600);
    struct {
        long type;
        char text[16];
    } msg = {5, "message"};
    S(msgsnd, q, &msg, 7, IPC_NOWAIT);
    S(msgrcv, q, &msg, 16, 0, IPC_NOWAIT);
    S(msgctl, q, IPC_RMID, NULL);
    S(mq_open, "missing", O_RDONLY, 0, NULL);
    S(mq_unlink, "missing");
    S(pkey_free, 5);
}

static int idle(void *p)
{
    (void)p;
    return 3;
}

static void processes(void)
{
    struct rlimit rl;
    struct rusage ru;
    int status, w;
    uint32_t groups[64], ids[3];
    S(getpid);
    S(gettid);
    S(getppid);
    S(getpgrp);
    S(getpgid, 0);
    S(getsid, 0);
    S(getuid);
    S(geteuid);
    S(getgid);
    S(getegid);
    S(getresuid, &ids[0], &ids[1], &ids[2]);
    S(getresgid, &ids[0], &ids[1], &ids[2]);
    S(setuid, getuid());
    S(setgid, getgid());
    S(setreuid, -1, -1);
    S(setregid, -1, -1);
    S(setresuid, -1, -1, -1);
    S(setresgid, -1, -1, -1);
    S(setfsuid, -1);
    S(setfsgid, -1);
    S(getgroups, 64, groups);
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2];
    S(capget, &head, data);
    S(capset, &head, data);
    S(getrlimit, RLIMIT_NOFILE, &rl);
    S(setrlimit, RLIMIT_CORE, &(struct rlimit){0, 0});
    S(prlimit64, 0, RLIMIT_STACK, NULL, &rl);
    S(getrusage, RUSAGE_SELF, &ru);
    S(getpriority, PRIO_PROCESS, 0);
    S(setpriority, PRIO_PROCESS, 0, 1);
    S(ioprio_get, 1, 0);
    S(sched_yield);
    S(sched_getparam, 0, &w);
    S(sched_getscheduler, 0);
    S(sched_setscheduler, 0, SCHED_OTHER, &(int){0});
    S(sched_get_priority_max, SCHED_FIFO);
    S(sched_get_priority_min, SCHED_RR);
    S(sched_rr_get_interval, 0, page);
    S(sched_getattr, 0, page, 48, 0);
    S(sched_getaffinity, 0, 128, page);
    S(getcpu, &ids[0], &ids[1], NULL);
    S(personality, 0xffffffff);
    S(prctl, PR_SET_NAME, "renamed");
    S(prctl, PR_GET_NAME, page);
    S(prctl, PR_GET_DUMPABLE);
    S(prctl, PR_SET_PDEATHSIG, SIGTERM);
    S(prctl, PR_GET_PDEATHSIG, page);
    S(prctl, PR_CAPBSET_READ, CAP_CHOWN);
    S(prctl, PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
    S(prctl, PR_GET_KEEPCAPS);
    S(arch_prctl, ARCH_GET_FS, page);
    S(set_tid_address, page);
    S(set_robust_list, page, 24);
    S(get_robust_list, 0, page, page + 8);
    S(futex, page, FUTEX_WAKE_PRIVATE, 1);
    S(futex, page, FUTEX_WAIT, 12345, NULL);
    S(futex, page, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 12345,
      &(struct timespec){1, 2}, NULL, -1);
    S(kcmp, getpid(), getpid(), 0, 0, 1);
    S(pidfd_open, getpid(), 0);
    S(unshare, 0);
    S(setns, -1, CLONE_NEWNET);
    S(setpgid, 0, 0);
    S(setsid);
    S(uname, page);
    S(sysinfo, page);
    S(sethostname, "x", -1);
    S(getrandom, page, 4, GRND_NONBLOCK);
    S(syslog, 10, NULL, 0);
    S(ustat, 0, page);
    S(execve, "/nonexistent", (char *[]){"a", "b c", NULL}, (char *[]){"X=1", NULL});
    S(seccomp, 99, 0, NULL);
    S(wait4, -1, &status, WNOHANG, NULL);
    S(waitid, P_ALL, 0, NULL, WEXITED | WNOHANG, NULL);
    S(iopl, 7);
    S(quotactl, 1, "x", 0, NULL);
    S(landlock_create_ruleset, NULL, 0, 1);
    S(_sysctl, NULL);
    pid_t child = fork();
    if (child == 0) {
        S(exit_group, 7);
    }
    S(wait4, child, &status, 0, &ru);
    child = vfork();
    if (child == 0)
        _exit(0);
    siginfo_t info;
    S(waitid, P_PID, child, &info, WEXITED, NULL);
    child = clone(idle, page + 32768, SIGCHLD, NULL);
    S(wait4, child, NULL, 0, NULL);
    child = fork();
    if (child == 0) {
        S(kill, getpid(), SIGKILL);
    }
    S(wait4, child, &status, 0, NULL);
    syscall(1000, 1, 2, 3, 4, 5, 6);
}

int main(void)
{
    mark("BEGIN");
    files();
    pipes();
    sockets();
    signals();
    times_();
    memory();
    processes();
    mark("END");
    return 0;
}
