/* Owns the reading of /proc/PID/pagemap. */
#include "task/present_pages.h"

#include "base/page.h"
#include "task/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BATCH 512

/* linux/fs.h since 6.7, which distributions' headers may lack. */
struct scan_region {
    uint64_t start, end, categories;
};
struct scan_arg {
    uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
    uint64_t category_inverted, category_mask, category_anyof_mask, return_mask;
};
#define SCAN_REQUEST _IOWR('f', 16, struct scan_arg)
#define SCAN_WRITTEN (1ull << 1)
#define SCAN_PRESENT (1ull << 3)
#define SCAN_SWAPPED (1ull << 4)

/* Flags: those that match are write-protected as they are told; all must be watched. */
#define SCAN_PROTECT (1ull << 0)
#define SCAN_WATCHED (1ull << 1)

int present_pages_open(pid_t tid)
{
    return proc_open(tid, "pagemap");
}

static int scan_by_word(int pagemap, uint64_t start, uint64_t end,
                        int (*found)(void *ctx, uint64_t start, uint64_t end), void *ctx)
{
    uint64_t words[BATCH], run = 0;
    bool in_run = false;
    for (uint64_t at = start; at < end; at += BATCH * PAGE) {
        size_t n = (end - at) / PAGE < BATCH ? (size_t)((end - at) / PAGE) : BATCH;
        if (pread(pagemap, words, n * 8, (off_t)(at / PAGE * 8)) != (ssize_t)(n * 8))
            return -EIO;
        for (size_t i = 0; i < n; i++) {
            bool there = words[i] >> 62 != 0;
            if (there == in_run)
                continue;
            uint64_t here = at + i * PAGE;
            int err = there ? 0 : found(ctx, run, here);
            if (err < 0)
                return err;
            run = here;
            in_run = there;
        }
    }
    return in_run ? found(ctx, run, end) : 0;
}

/* Puts the runs of pages of [arg->start, arg->end) that `arg` asks for to `found`. Returns 0,
 * found()'s negative errno, or 1 with arg->start where the kernel refused; errno says why. */
static int scan(int pagemap, struct scan_arg *arg,
                int (*found)(void *ctx, const struct scan_region *region), void *ctx)
{
    struct scan_region regions[256];
    arg->size = sizeof *arg;
    arg->vec = (uintptr_t)regions;
    arg->vec_len = sizeof regions / sizeof regions[0];
    while (arg->start < arg->end) {
        int n = ioctl(pagemap, SCAN_REQUEST, arg);
        if (n < 0)
            return 1;
        for (int i = 0; i < n; i++) {
            int err = found(ctx, &regions[i]);
            if (err < 0)
                return err;
        }
        if (arg->walk_end <= arg->start)
            break;
        arg->start = arg->walk_end;
    }
    return 0;
}

struct present {
    int (*found)(void *ctx, uint64_t start, uint64_t end);
    void *ctx;
};

static int found_present(void *ctx, const struct scan_region *region)
{
    const struct present *p = ctx;
    return p->found(p->ctx, region->start, region->end);
}

int present_pages_scan(int pagemap, uint64_t start, uint64_t end,
                       int (*found)(void *ctx, uint64_t start, uint64_t end), void *ctx)
{
    struct present present = {found, ctx};
    struct scan_arg arg = {
        .start = start,
        .end = end,
        .category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
        .return_mask = SCAN_PRESENT | SCAN_SWAPPED,
    };
    int r = scan(pagemap, &arg, found_present, &present);
    return r > 0 ? scan_by_word(pagemap, arg.start, end, found, ctx) : r;
}

static int found_nothing(void *ctx, const struct scan_region *region)
{
    (void)ctx;
    (void)region;
    return 0;
}

bool present_pages_can_scan(int pagemap)
{
    struct scan_arg arg = {
        .start = 0,
        .end = PAGE,
        .category_anyof_mask = SCAN_PRESENT,
        .return_mask = SCAN_PRESENT,
    };
    return scan(pagemap, &arg, found_nothing, NULL) == 0;
}

struct written {
    int (*found)(void *ctx, uint64_t start, uint64_t end, bool written);
    void *ctx;
};

static int found_written(void *ctx, const struct scan_region *region)
{
    const struct written *w = ctx;
    return w->found(w->ctx, region->start, region->end,
                    (region->categories & (SCAN_WRITTEN | SCAN_SWAPPED)) != 0);
}

int present_pages_scan_written(int pagemap, uint64_t start, uint64_t end,
                               int (*found)(void *ctx, uint64_t start, uint64_t end, bool written),
                               void *ctx)
{
    struct written written = {found, ctx};
    struct scan_arg arg = {
        .flags = SCAN_PROTECT | SCAN_WATCHED,
        .start = start,
        .end = end,
        .category_anyof_mask = SCAN_PRESENT | SCAN_SWAPPED,
        .return_mask = SCAN_PRESENT | SCAN_SWAPPED | SCAN_WRITTEN,
    };
    int r = scan(pagemap, &arg, found_written, &written);
    if (r > 0)
        return arg.start == start && errno == EPERM ? -EPERM : -EIO;
    return r;
}
