/* Who reads code before it is executed finds what is there, and so does whoever gets it through the
 * kernel, at any time: write(2) in all forms, /proc/PID/mem, process_vm_readv(2) and _writev. */
#include "telling.h"

#include <dlfcn.h>
#include <sys/socket.h>
#include <sys/uio.h>

static uint8_t *copy_of_file(const char *path, size_t *ret_len)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    CHECK(fd >= 0 && fstat(fd, &st) == 0);
    uint8_t *bytes = malloc((size_t)st.st_size);
    read_all(fd, bytes, (size_t)st.st_size);
    close(fd);
    *ret_len = (size_t)st.st_size;
    return bytes;
}

static void check_handed_over(const uint8_t *code, const uint8_t *wanted, size_t len)
{
    uint8_t got[256];
    int p[2], s[2];
    CHECK(len <= sizeof got && pipe(p) == 0 && socketpair(AF_UNIX, SOCK_DGRAM, 0, s) == 0);
    struct iovec two[2] = {{(void *)(uintptr_t)code, 7}, {(void *)(uintptr_t)(code + 7), len - 7}};
    struct iovec whole = {(void *)(uintptr_t)code, len}, to = {got, len};
    write_all(p[1], code, len);
    read_all(p[0], got, len);
    CHECK(memcmp(got, wanted, len) == 0);
    CHECK(writev(p[1], two, 2) == (ssize_t)len);
    read_all(p[0], got, len);
    CHECK(memcmp(got, wanted, len) == 0);
    CHECK(sendto(s[0], code, len, 0, NULL, 0) == (ssize_t)len);
    CHECK(recv(s[1], got, len, 0) == (ssize_t)len && memcmp(got, wanted, len) == 0);
    struct msghdr m = {.msg_iov = two, .msg_iovlen = 2};
    CHECK(sendmsg(s[0], &m, 0) == (ssize_t)len);
    CHECK(recv(s[1], got, len, 0) == (ssize_t)len && memcmp(got, wanted, len) == 0);
    int file = scratch_file();
    CHECK(pwritev(file, two, 2, 100) == (ssize_t)len);
    CHECK(pread(file, got, len, 100) == (ssize_t)len && memcmp(got, wanted, len) == 0);
    CHECK(pwrite(file, code, len, 5) == (ssize_t)len);
    CHECK(pread(file, got, len, 5) == (ssize_t)len && memcmp(got, wanted, len) == 0);
    CHECK(process_vm_writev(getpid(), &to, 1, &whole, 1, 0) == -1 || true);
    memset(got, 0, len);
    CHECK(process_vm_writev(getpid(), &whole, 1, &to, 1, 0) == (ssize_t)len);
    CHECK(memcmp(got, wanted, len) == 0);
    close(p[0]), close(p[1]), close(s[0]), close(s[1]), close(file);
}

static void check_looked_at(pid_t pid, const uint8_t *code, const uint8_t *wanted, size_t len)
{
    uint8_t got[256] = {0};
    struct iovec to[2] = {{got, 6}, {got + 6, len - 6}};
    struct iovec from[2] = {{(void *)(uintptr_t)code, 11},
                            {(void *)(uintptr_t)(code + 11), len - 11}};
    CHECK(process_vm_readv(pid, to, 2, from, 2, 0) == (ssize_t)len);
    CHECK(memcmp(got, wanted, len) == 0);
    char name[64];
    snprintf(name, sizeof name, "/proc/%d/mem", (int)pid);
    int mem = open(name, O_RDONLY);
    CHECK(mem >= 0);
    CHECK(pread(mem, got, len, (off_t)(uintptr_t)code) == (ssize_t)len);
    CHECK(memcmp(got, wanted, len) == 0);
    memset(got, 0, len);
    CHECK(lseek(mem, (off_t)(uintptr_t)code, SEEK_SET) == (off_t)(uintptr_t)code);
    read_all(mem, got, len);
    CHECK(memcmp(got, wanted, len) == 0);
    memset(got, 0, len);
    CHECK(preadv(mem, to, 2, (off_t)(uintptr_t)code) == (ssize_t)len);
    CHECK(memcmp(got, wanted, len) == 0);
    memset(got, 0, len);
    CHECK(lseek(mem, (off_t)(uintptr_t)code, SEEK_SET) == (off_t)(uintptr_t)code);
    CHECK(readv(mem, to, 2) == (ssize_t)len && memcmp(got, wanted, len) == 0);
    close(mem);
}

/* Before it was executed, afterwards, and from a parent. */
static void check_code(const uint8_t *code, const uint8_t *wanted, size_t len)
{
    check_handed_over(code, wanted, len);
    check_looked_at(getpid(), code, wanted, len);
    CHECK(memcmp(code, wanted, len) == 0);
    for (int i = 0; i < 3; i++) {
        check_tells(code);
        check_handed_over(code, wanted, len);
        check_tells(code);
        check_looked_at(getpid(), code, wanted, len);
    }
    int go[2], gone[2];
    CHECK(pipe(go) == 0 && pipe(gone) == 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check_tells(code);
        write_all(gone[1], "x", 1);
        char byte;
        read_all(go[0], &byte, 1);
        check_tells(code);
        _exit(0);
    }
    char byte;
    read_all(gone[0], &byte, 1);
    check_looked_at(child, code, wanted, len);
    write_all(go[1], "x", 1);
    wait_for_success(child);
    close(go[0]), close(go[1]), close(gone[0]), close(gone[1]);
}

int main(int argc, char **argv)
{
    CHECK(argc == 2);
    uint8_t *page = telling_page();
    CHECK(memcmp(page, telling_code, sizeof telling_code) == 0);
    CHECK(hash_of(page, sizeof telling_code) == hash_of(telling_code, sizeof telling_code));
    check_code(page, telling_code, sizeof telling_code);
    size_t len;
    uint8_t *file = copy_of_file(argv[1], &len);
    void *library = dlopen(argv[1], RTLD_NOW);
    CHECK(library != NULL);
    const uint8_t *code = dlsym(library, "library_tells");
    Dl_info info;
    CHECK(code != NULL && dladdr(code, &info) != 0);
    size_t at =
        (size_t)(code - (const uint8_t *)info.dli_fbase); /* its text is where it is mapped */
    CHECK(at + 40 < len);
    check_code(code, file + at, 40);
    return 0;
}
