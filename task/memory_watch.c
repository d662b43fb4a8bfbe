/* Owns userfaultfd, and the decision when it pays. Knows nothing of how memory is hashed. */
#include "task/memory_watch.h"

#include "task/proc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* linux/userfaultfd.h since 6.7, which distributions' headers may lack. */
#define WP_ASYNC (1ull << 15)

/* Smaller mappings are read faster than their pages are told apart. */
#define FIT_BYTES 0x10000ull

#define MANY     2048u /* pages: less is hashed in 2 ms */
#define DEAR_MAX 3u    /* dear hashes in turn, until it is given up */
#define BRIEF    3u    /* hashes: it was not on for long enough to pay */
#define REST_MIN 8u    /* hashes until another try; twice as many each time */
#define REST_MAX 1024u

struct memory_watch {
    unsigned refs;
    int uffd; /* -1: off */
    bool refused;
    unsigned n_hashes; /* since it was turned on: the first reads all */
    bool hashed;       /* once at least, and ... */
    bool wanted;       /* ... the last time it was large */
    uint64_t last_read;
    unsigned n_dear;
    unsigned rest, next_rest; /* hashes before it is tried again */
    struct known_pages pages;
};

struct memory_watch *memory_watch_new(bool can_watch)
{
    struct memory_watch *w = calloc(1, sizeof *w);
    if (w != NULL)
        *w = (struct memory_watch){
            .refs = 1, .uffd = -1, .refused = !can_watch, .next_rest = REST_MIN};
    return w;
}

struct memory_watch *memory_watch_ref(struct memory_watch *w)
{
    if (w != NULL)
        w->refs++;
    return w;
}

void memory_watch_unref(struct memory_watch *w)
{
    if (w == NULL || --w->refs > 0)
        return;
    memory_watch_stop(w);
    free(w);
}

/* A guess, by its resident pages that are not of files (proc_pid_statm(5)). */
static bool is_large(pid_t tid)
{
    FILE *f = fopen(proc_path(tid, "statm").s, "re");
    unsigned long all, resident, shared;
    bool known = f != NULL && fscanf(f, "%lu %lu %lu", &all, &resident, &shared) == 3;
    if (f != NULL)
        fclose(f);
    return known && resident >= shared + MANY;
}

bool memory_watch_is_wanted(const struct memory_watch *w, pid_t tid)
{
    if (w == NULL || w->uffd >= 0 || w->rest > 0 || w->refused)
        return false;
    return w->hashed ? w->wanted : is_large(tid);
}

void memory_watch_start(struct memory_watch *w, int uffd)
{
    struct uffdio_api api = {.api = UFFD_API, .features = WP_ASYNC};
    if (uffd >= 0 && (w == NULL || ioctl(uffd, UFFDIO_API, &api) < 0)) {
        close(uffd);
        uffd = -1;
    }
    if (w == NULL)
        return;
    memory_watch_stop(w);
    w->uffd = uffd;
    w->refused = uffd < 0;
    w->n_hashes = 0;
}

bool memory_watch_is_on(const struct memory_watch *w)
{
    return w != NULL && w->uffd >= 0;
}

bool memory_watch_has_begun(const struct memory_watch *w)
{
    return memory_watch_is_on(w) && w->n_hashes == 1;
}

static void back_off(struct memory_watch *w)
{
    w->rest = w->next_rest;
    w->next_rest = w->next_rest < REST_MAX ? w->next_rest * 2 : REST_MAX;
}

void memory_watch_stop(struct memory_watch *w)
{
    if (!memory_watch_is_on(w))
        return;
    if (w->n_hashes <= BRIEF || w->n_dear >= DEAR_MAX) /* it did not pay */
        back_off(w);
    close(w->uffd); /* the last descriptor: the kernel unprotects all (fs/userfaultfd.c) */
    w->uffd = -1;
    w->wanted = false;
    w->n_dear = 0;
    known_pages_done(&w->pages);
}

void memory_watch_forget(struct memory_watch *w, uint64_t addr, uint64_t len)
{
    if (memory_watch_is_on(w))
        known_pages_spoil(&w->pages, addr, len);
}

/* Only in memory that is the process's alone does its own page table tell of all writes. */
bool memory_watch_fits(const struct map *m)
{
    return m->ino == 0 && !m->shared && m->end - m->start >= FIT_BYTES;
}

int memory_watch_map(struct memory_watch *w, const struct map *m)
{
    struct uffdio_register range = {.range = {.start = m->start, .len = m->end - m->start},
                                    .mode = UFFDIO_REGISTER_MODE_WP};
    return ioctl(w->uffd, UFFDIO_REGISTER, &range) == 0 ? 0 : -errno;
}

struct known_pages *memory_watch_pages(struct memory_watch *w)
{
    return &w->pages;
}

/* A page that was written costs a fault, and a read of its own where it stands alone: three times
 * what it costs in a run of others, which is how all are read where nothing is watched. */
static bool is_dear(uint64_t there, uint64_t read)
{
    return there < MANY || read > there / 4;
}

void memory_watch_note_hash(struct memory_watch *w, uint64_t there, uint64_t read)
{
    if (w == NULL)
        return;
    w->last_read = read;
    w->hashed = true;
    if (!memory_watch_is_on(w)) {
        w->wanted = there >= MANY;
        w->rest -= w->rest > 0;
        return;
    }
    known_pages_turn(&w->pages);
    if (w->n_hashes++ > 0)
        w->n_dear = is_dear(there, read) ? w->n_dear + 1 : 0;
    if (w->n_dear >= DEAR_MAX)
        memory_watch_stop(w);
}

uint64_t memory_watch_last_read(const struct memory_watch *w)
{
    return w->last_read;
}
