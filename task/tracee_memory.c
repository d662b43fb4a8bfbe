/* Owns access to a tracee's memory: process_vm_readv(2) and process_vm_writev(2) for the rule,
 * PTRACE_PEEKDATA and PTRACE_POKEDATA, which override the protection of pages, for the rest. */
#include "task/tracee.h"

#include "base/page.h"

#include <errno.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

#define WORD sizeof(long)

static long read_by_words(pid_t tid, uint64_t addr, uint8_t *dst, size_t len)
{
    size_t done = 0;
    while (done < len) {
        uint64_t at = (addr + done) & ~(uint64_t)(WORD - 1);
        errno = 0;
        long word = ptrace(PTRACE_PEEKDATA, tid, (void *)at, NULL);
        if (word == -1 && errno != 0)
            return done > 0 ? (long)done : (errno == ESRCH ? -ESRCH : -EFAULT);
        size_t skip = (size_t)(addr + done - at);
        size_t n = WORD - skip < len - done ? WORD - skip : len - done;
        memcpy(dst + done, (char *)&word + skip, n);
        done += n;
    }
    return (long)done;
}

long tracee_read(pid_t tid, uint64_t addr, void *dst, size_t len)
{
    if (len == 0)
        return 0;
    struct iovec local = {.iov_base = dst, .iov_len = len};
    struct iovec remote = {.iov_base = (void *)addr, .iov_len = len};
    ssize_t n = process_vm_readv(tid, &local, 1, &remote, 1, 0);
    if (n == (ssize_t)len)
        return n;
    size_t done = n > 0 ? (size_t)n : 0;
    /* The first page that process_vm_readv refused may only be protected. */
    size_t chunk = PAGE - (size_t)((addr + done) & (PAGE - 1));
    if (chunk > len - done)
        chunk = len - done;
    long more = read_by_words(tid, addr + done, (uint8_t *)dst + done, chunk);
    if (more <= 0)
        return done > 0 ? (long)done : more;
    done += (size_t)more;
    if ((size_t)more < chunk || done == len)
        return (long)done;
    more = tracee_read(tid, addr + done, (uint8_t *)dst + done, len - done);
    return more > 0 ? (long)done + more : (long)done;
}

bool tracee_read_many(pid_t tid, const struct iovec *remote, size_t n, void *dst, size_t total)
{
    struct iovec local = {.iov_base = dst, .iov_len = total};
    return process_vm_readv(tid, &local, 1, remote, n, 0) == (ssize_t)total;
}

int tracee_read_all(pid_t tid, uint64_t addr, void *dst, size_t len)
{
    long n = tracee_read(tid, addr, dst, len);
    if (n < 0)
        return (int)n;
    return (size_t)n == len ? 0 : -EFAULT;
}

static int write_by_words(pid_t tid, uint64_t addr, const uint8_t *src, size_t len)
{
    size_t done = 0;
    while (done < len) {
        uint64_t at = (addr + done) & ~(uint64_t)(WORD - 1);
        size_t skip = (size_t)(addr + done - at);
        size_t n = WORD - skip < len - done ? WORD - skip : len - done;
        long word = 0;
        if (n < WORD) {
            errno = 0;
            word = ptrace(PTRACE_PEEKDATA, tid, (void *)at, NULL);
            if (errno != 0)
                return errno == ESRCH ? -ESRCH : -EFAULT;
        }
        memcpy((char *)&word + skip, src + done, n);
        if (ptrace(PTRACE_POKEDATA, tid, (void *)at, (void *)word) < 0)
            return errno == ESRCH ? -ESRCH : -EFAULT;
        done += n;
    }
    return 0;
}

int tracee_write(pid_t tid, uint64_t addr, const void *src, size_t len)
{
    size_t done = 0;
    while (done < len) {
        struct iovec local = {.iov_base = (uint8_t *)src + done, .iov_len = len - done};
        struct iovec remote = {.iov_base = (void *)(addr + done), .iov_len = len - done};
        ssize_t n = process_vm_writev(tid, &local, 1, &remote, 1, 0);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        size_t chunk = PAGE - (size_t)((addr + done) & (PAGE - 1));
        if (chunk > len - done)
            chunk = len - done;
        int r = write_by_words(tid, addr + done, (const uint8_t *)src + done, chunk);
        if (r < 0)
            return r;
        done += chunk;
    }
    return 0;
}

int tracee_write_user(pid_t tid, uint64_t addr, const void *src, size_t len)
{
    struct iovec local = {.iov_base = (void *)src, .iov_len = len};
    struct iovec remote = {.iov_base = (void *)addr, .iov_len = len};
    return process_vm_writev(tid, &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}
