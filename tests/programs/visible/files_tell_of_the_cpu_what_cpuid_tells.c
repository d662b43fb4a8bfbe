/* /proc/cpuinfo, /proc/PID/auxv, prctl(PR_GET_AUXV) and arch_prctl(ARCH_GET_XCOMP_*) tell of no
 * more than cpuid, xgetbv and the vector on the stack, however they are read: proc(5), prctl(2). */
#include "check.h"

#include <asm/prctl.h>
#include <cpuid.h>
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#ifndef PR_GET_AUXV
#define PR_GET_AUXV 0x41555856
#endif
#define GET_XCOMP_SUPP 0x1021
#define GET_XCOMP_PERM 0x1022

extern char **environ;

/* ---- ways to read a file ---- */

static ssize_t by_read(int fd, char *to, size_t len, size_t at)
{
    (void)at;
    return read(fd, to, len);
}

static ssize_t by_pread(int fd, char *to, size_t len, size_t at)
{
    return pread(fd, to, len, (off_t)at);
}

static ssize_t by_readv(int fd, char *to, size_t len, size_t at)
{
    struct iovec v[3] = {{to, 1}, {NULL, 0}, {to + 1, len - 1}};
    (void)at;
    return readv(fd, v, 3);
}

static ssize_t by_preadv(int fd, char *to, size_t len, size_t at)
{
    struct iovec v[2] = {{to, len / 2}, {to + len / 2, len - len / 2}};
    return preadv(fd, v, 2, (off_t)at);
}

static ssize_t by_preadv2(int fd, char *to, size_t len, size_t at)
{
    struct iovec v = {to, len};
    (void)at;
    return preadv2(fd, &v, 1, -1, 0);
}

static ssize_t (*const ways[])(int, char *, size_t, size_t) = {by_read, by_pread, by_readv,
                                                               by_preadv, by_preadv2};
#define WAYS (sizeof ways / sizeof ways[0])

static size_t read_whole(int fd, size_t way, size_t piece, char *text, size_t size)
{
    size_t len = 0;
    for (ssize_t n; len + piece < size && (n = ways[way](fd, text + len, piece, len)) != 0;) {
        CHECK(n > 0 && (size_t)n <= piece);
        len += (size_t)n;
    }
    text[len] = '\0';
    return len;
}

/* ---- /proc/cpuinfo ---- */

#define TEXT_SIZE (1 << 20)
#define LINE_MAX_ 8192

/* The first line of flags, with a blank at its end; all others must be the same. */
static void flags_of(const char *text, char line[LINE_MAX_])
{
    size_t found = 0;
    for (const char *at = text; (at = strstr(at, "\nflags\t\t:")) != NULL; at++, found++) {
        size_t len = strcspn(at + 1, "\n");
        CHECK(len < LINE_MAX_ - 2);
        if (found == 0)
            snprintf(line, LINE_MAX_, "%.*s ", (int)len, at + 1);
        CHECK(memcmp(line, at + 1, len) == 0);
    }
    CHECK(found > 0);
}

static const struct {
    const char *flag;
    unsigned leaf, subleaf, reg, bit;
} bits[] = {
    {"pni", 1, 0, 2, 0},
    {"pclmulqdq", 1, 0, 2, 1},
    {"vmx", 1, 0, 2, 5},
    {"fma", 1, 0, 2, 12},
    {"pcid", 1, 0, 2, 17},
    {"sse4_2", 1, 0, 2, 20},
    {"aes", 1, 0, 2, 25},
    {"xsave", 1, 0, 2, 26},
    {"avx", 1, 0, 2, 28},
    {"rdrand", 1, 0, 2, 30},
    {"sse2", 1, 0, 3, 26},
    {"fsgsbase", 7, 0, 1, 0},
    {"avx2", 7, 0, 1, 5},
    {"rtm", 7, 0, 1, 11},
    {"avx512f", 7, 0, 1, 16},
    {"avx512dq", 7, 0, 1, 17},
    {"rdseed", 7, 0, 1, 18},
    {"adx", 7, 0, 1, 19},
    {"avx512bw", 7, 0, 1, 30},
    {"sha_ni", 7, 0, 1, 29},
    {"avx512vbmi", 7, 0, 2, 1},
    {"pku", 7, 0, 2, 3},
    {"vaes", 7, 0, 2, 9},
    {"rdpid", 7, 0, 2, 22},
    {"movdiri", 7, 0, 2, 27},
    {"serialize", 7, 0, 3, 14},
    {"amx_tile", 7, 0, 3, 24},
    {"avx_vnni", 7, 1, 0, 4},
    {"avx512_bf16", 7, 1, 0, 5},
    {"xsaveopt", 0xd, 1, 0, 0},
    {"xsaves", 0xd, 1, 0, 3},
    {"abm", 0x80000001, 0, 2, 5},
    {"sse4a", 0x80000001, 0, 2, 6},
    {"clzero", 0x80000008, 0, 1, 0},
};

static bool cpuid_has(unsigned leaf, unsigned subleaf, unsigned reg, unsigned bit)
{
    unsigned r[4] = {0};
    return __get_cpuid_count(leaf, subleaf, &r[0], &r[1], &r[2], &r[3]) && (r[reg] >> bit & 1) != 0;
}

static void check_flags(const char *line)
{
    char word[64];
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
        snprintf(word, sizeof word, " %s ", bits[i].flag);
        if (strstr(line, word) == NULL)
            continue;
        if (!cpuid_has(bits[i].leaf, bits[i].subleaf, bits[i].reg, bits[i].bit))
            dprintf(STDERR_FILENO, "there is no %s\n", bits[i].flag);
        CHECK(cpuid_has(bits[i].leaf, bits[i].subleaf, bits[i].reg, bits[i].bit));
    }
    CHECK(strstr(line, " sse2 ") != NULL);
    CHECK(strstr(line, "avx512") == NULL || cpuid_has(7, 0, 1, 16));
    CHECK(strstr(line, "amx") == NULL || cpuid_has(7, 0, 3, 24));
}

static void check_cpuinfo(int fd, size_t way, size_t piece)
{
    static _Thread_local char text[TEXT_SIZE], line[LINE_MAX_];
    CHECK(lseek(fd, 0, SEEK_SET) == 0);
    read_whole(fd, way, piece, text, sizeof text);
    flags_of(text, line);
    check_flags(line);
}

static void *check_cpuinfo_in_all_ways(void *arg)
{
    int fd = open("/proc/cpuinfo", O_RDONLY), copy = fcntl(fd, F_DUPFD, 70);
    CHECK(fd >= 0 && copy >= 70);
    (void)arg;
    for (size_t way = 0; way < WAYS; way++) {
        check_cpuinfo(fd, way, 1 << 16);
        check_cpuinfo(copy, way, 100);
        check_cpuinfo(way % 2 == 0 ? fd : copy, way, 4096);
    }
    check_cpuinfo(fd, 0, 3);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_cpuinfo(fd, 0, 1000);
        _exit(0);
    }
    wait_for_success(child);
    close(fd);
    close(copy);
    return NULL;
}

/* ---- the auxiliary vector ---- */

static const ElfW(auxv_t) * own_vector(size_t *ret_len)
{
    char **p = environ;
    while (*p != NULL)
        p++;
    const ElfW(auxv_t) *v = (const ElfW(auxv_t) *)(p + 1);
    size_t n = 0;
    while (v[n].a_type != AT_NULL)
        n++;
    *ret_len = n * sizeof *v;
    return v;
}

/* Where an entry is left out, it says so in place of its type on the stack. */
static void check_same(const char *how, const void *got)
{
    size_t len;
    const ElfW(auxv_t) *own = own_vector(&len);
    for (size_t i = 0; i < len / sizeof *own; i++) {
        ElfW(auxv_t) e;
        memcpy(&e, (const char *)got + i * sizeof e, sizeof e);
        if (e.a_type != own[i].a_type || e.a_un.a_val != own[i].a_un.a_val)
            dprintf(STDERR_FILENO, "%s: %lu is %lx, on the stack %lu is %lx\n", how, e.a_type,
                    e.a_un.a_val, own[i].a_type, own[i].a_un.a_val);
        CHECK(e.a_type == own[i].a_type && e.a_un.a_val == own[i].a_un.a_val);
    }
}

static void check_file(const char *name)
{
    static const size_t pieces[] = {4096, 16, 8, 7};
    char bytes[8192];
    size_t len;
    own_vector(&len);
    for (size_t way = 0; way < WAYS; way++)
        for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
            int fd = open(name, O_RDONLY);
            CHECK(fd >= 0);
            CHECK(read_whole(fd, way, pieces[i], bytes, sizeof bytes) > len);
            check_same(name, bytes);
            close(fd);
        }
    int fd = open(name, O_RDONLY);
    char some[20];
    CHECK(pread(fd, some, sizeof some, 27) == sizeof some);
    CHECK(memcmp(some, bytes + 27, sizeof some) == 0);
    close(fd);
}

static void check_prctl(void)
{
    char bytes[4096], some[4096];
    memset(some, 0x55, sizeof some);
    int n = prctl(PR_GET_AUXV, bytes, sizeof bytes, 0, 0);
    if (n < 0) /* since Linux 6.4 */
        return;
    check_same("prctl", bytes);
    for (size_t len = 0; len < 200; len += 3) {
        CHECK(prctl(PR_GET_AUXV, some, len, 0, 0) == n);
        CHECK(memcmp(some, bytes, len) == 0 && some[len] == 0x55);
    }
}

static void check_others_vector(pid_t pid)
{
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/auxv", (int)pid);
    check_file(name);
}

static void *check_vector(void *arg)
{
    char name[64];
    (void)arg;
    check_file("/proc/self/auxv");
    check_file("/proc/thread-self/auxv");
    snprintf(name, sizeof name, "/proc/self/task/%d/auxv", (int)syscall(SYS_gettid));
    check_file(name);
    check_prctl();
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_others_vector(getppid());
        check_prctl();
        pause();
    }
    check_others_vector(child);
    sleep_ms(20);
    CHECK(kill(child, SIGTERM) == 0);
    CHECK(wait_for(child) == SIGTERM);
    return NULL;
}

/* ---- components of registers ---- */

static void check_components(void)
{
    uint64_t supported = 0, permitted = 0;
    uint32_t lo, hi;
    if (!cpuid_has(1, 0, 2, 27) || syscall(SYS_arch_prctl, GET_XCOMP_SUPP, &supported) < 0)
        return; /* since Linux 5.16 */
    CHECK(syscall(SYS_arch_prctl, GET_XCOMP_PERM, &permitted) == 0);
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    uint64_t enabled = (uint64_t)hi << 32 | lo;
    say("components %lx, %lx, %lx\n", (long)supported, (long)permitted, (long)enabled);
    CHECK((supported & ~enabled) == 0 && (permitted & ~supported) == 0 && (permitted & 3) == 3);
}

/* ---- another /proc, in which processes have other numbers ---- */

static void check_in_namespaces(void)
{
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID) < 0)
            _exit(0); /* may be forbidden */
        child = fork();
        CHECK(child >= 0);
        if (child == 0) {
            if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
                mount("proc", "/proc", "proc", 0, NULL) < 0)
                _exit(0);
            check_cpuinfo_in_all_ways(NULL);
            check_vector(NULL);
            _exit(0);
        }
        wait_for_success(child);
        _exit(0);
    }
    wait_for_success(child);
}

int main(void)
{
    pthread_t thread;
    check_cpuinfo_in_all_ways(NULL);
    check_vector(NULL);
    CHECK(pthread_create(&thread, NULL, check_cpuinfo_in_all_ways, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(pthread_create(&thread, NULL, check_vector, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    check_in_namespaces();
    check_components();
    return 0;
}
