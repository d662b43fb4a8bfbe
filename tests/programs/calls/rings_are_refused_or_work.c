/* Interfaces through which the kernel writes behind a recorder's back: io_uring, aio, userfaultfd,
 * perf_event_open, rseq. Refusing them is fine, as older kernels do; half-working is not. */
#include "check.h"

#include <linux/aio_abi.h>
#include <linux/perf_event.h>
#include <sys/mman.h>

static void report(const char *name, long result)
{
    CHECK(result >= 0 || errno == ENOSYS || errno == EPERM || errno == EACCES || errno == EINVAL ||
          errno == ENOENT || errno == EOPNOTSUPP);
    say("%s: %s\n", name, result >= 0 ? "works" : "refused");
}

int main(void)
{
    unsigned char params[120] = {0};
    long ring = syscall(SYS_io_uring_setup, 4, params);
    report("io_uring_setup", ring);
    if (ring >= 0)
        CHECK(close((int)ring) == 0);

    aio_context_t context = 0;
    long r = syscall(SYS_io_setup, 4, &context);
    report("io_setup", r);
    if (r == 0) {
        int fd = scratch_file();
        uint64_t word = random_word();
        write_all(fd, &word, sizeof word);
        struct iocb cb = {.aio_fildes = (unsigned)fd,
                          .aio_lio_opcode = IOCB_CMD_PREAD,
                          .aio_buf = (uintptr_t)&word,
                          .aio_nbytes = sizeof word},
                    *list = &cb;
        struct io_event event;
        CHECK(syscall(SYS_io_submit, context, 1, &list) == 1);
        CHECK(syscall(SYS_io_getevents, context, 1, 1, &event, NULL) == 1 && event.res == 8);
        say("read %016lx\n", (long)word);
        CHECK(syscall(SYS_io_destroy, context) == 0);
    }
    long fault = syscall(SYS_userfaultfd, O_CLOEXEC);
    report("userfaultfd", fault);

    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
                                   .size = sizeof attr,
                                   .config = PERF_COUNT_SW_CPU_CLOCK,
                                   .disabled = 1};
    report("perf_event_open", syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0));

    static _Alignas(32) unsigned char area[32];
    r = syscall(SYS_rseq, area, sizeof area, 0, 0x53053053);
    report("rseq", r);
    if (r == 0)
        CHECK(syscall(SYS_rseq, area, sizeof area, 1, 0x53053053) == 0);
    return 0;
}
