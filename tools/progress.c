/* Owns the progress line. It stands on a line of its own: it goes before the program's output
 * comes, waits while that has left the cursor in mid-line, and never comes back once the program
 * has sent an escape sequence, which may have put the cursor anywhere. */
#include "tools/progress.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_PER_S    1000000000u
#define FIRST_AFTER NS_PER_S
#define DRAW_EVERY  (NS_PER_S / 10)

#define ERASE_LINE "\r\033[K"

static void put(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* the terminal is gone, and so is the need */
}

void progress_begin(struct progress *p, uint64_t total_ns, bool wanted)
{
    const char *term = getenv("TERM");
    *p = (struct progress){
        .total_ns = total_ns,
        .begun_ns = clock_ns(CLOCK_MONOTONIC),
        .enabled =
            wanted && term != NULL && strcmp(term, "dumb") != 0 && isatty(STDERR_FILENO) == 1,
    };
}

static void erase(struct progress *p)
{
    if (p->visible)
        put(ERASE_LINE);
    p->visible = false;
}

void progress_step(void *ctx, uint64_t time_ns, uint64_t events)
{
    struct progress *p = ctx;
    if (!p->enabled || p->in_a_line)
        return;
    uint64_t now = clock_ns(CLOCK_MONOTONIC);
    if (now - p->begun_ns < FIRST_AFTER || now - p->drawn_ns < DRAW_EVERY)
        return;
    double done = (double)time_ns / NS_PER_S, total = (double)p->total_ns / NS_PER_S;
    unsigned percent = total > 0 && done < total ? (unsigned)(done / total * 100) : 100;
    char line[128];
    snprintf(line, sizeof line, ERASE_LINE "reprise: replaying %u %% (%.1f of %.1f s, %llu events)",
             percent, done, total, (unsigned long long)events);
    put(line);
    p->drawn_ns = now;
    p->visible = true;
}

void progress_give_way(void *ctx, const void *data, size_t len)
{
    struct progress *p = ctx;
    if (!p->enabled || len == 0)
        return;
    erase(p);
    p->in_a_line = ((const char *)data)[len - 1] != '\n';
    if (memchr(data, '\033', len) != NULL)
        p->enabled = false;
}

void progress_end(struct progress *p)
{
    erase(p);
    p->enabled = false;
}
