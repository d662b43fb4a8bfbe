/* Owns the thread behind a writer: takes chunks from the queue, compresses and writes them without
 * the lock, and cuts what has waited for too long. */
#include "base/clock.h"
#include "format/trace_writer_private.h"

#include <errno.h>

/* A tick comes every TICK_NS while any event waits. A buffer born before the tick that has just
 * come is cut at the next one, so that no event waits for longer than two ticks: nothing is lost
 * by more than a second, and no event costs a look at the clock. */
#define TICK_NS 400000000ll

static void fail(struct trace_writer *w, int r)
{
    if (r < 0 && w->status == 0)
        w->status = r;
}

/* Cuts the buffers that were born before the last tick. */
static void tick(struct trace_writer *w)
{
    int r = w->status;
    for (struct stream_buf *s = w->open_first, *next; r == 0 && s != NULL; s = next) {
        next = s->next;
        if (s->born_tick != w->tick)
            r = trace_writer_cut(w, s);
    }
    fail(w, r);
    w->tick++;
}

/* Waits for a job while ticking; NULL: told to stop, and nothing is left. */
static struct write_job *next_job(struct trace_writer *w, int64_t *next_tick)
{
    for (;;) {
        if (w->open_first == NULL || w->status < 0) {
            *next_tick = 0; /* nothing ages */
        } else if (*next_tick == 0) {
            *next_tick = (int64_t)clock_ns(CLOCK_MONOTONIC) + TICK_NS;
        } else if ((int64_t)clock_ns(CLOCK_MONOTONIC) >= *next_tick) {
            tick(w);
            *next_tick = (int64_t)clock_ns(CLOCK_MONOTONIC) + TICK_NS;
        }
        struct write_job *job = write_queue_pop(&w->queue);
        if (job != NULL || w->stop)
            return job;
        if (*next_tick == 0) {
            pthread_cond_wait(&w->work, &w->lock);
        } else {
            struct timespec until = {*next_tick / 1000000000, *next_tick % 1000000000};
            pthread_cond_timedwait(&w->work, &w->lock, &until);
        }
    }
}

static int write_job(struct trace_writer *w, const struct write_job *job)
{
    if (job->head.kind == CHUNK_BLOBNAME)
        return chunk_writer_put_blobname(&w->out, job->head, job->raw.data);
    return chunk_writer_put(&w->out, job->head, job->raw.data);
}

void *writer_thread_main(void *writer)
{
    struct trace_writer *w = writer;
    int64_t next_tick = 0;
    struct write_job *job;
    int begun = chunk_writer_init(&w->out, w->fd, w->level, w->blob_level);
    pthread_mutex_lock(&w->lock);
    fail(w, begun);
    w->begun = true;
    pthread_cond_broadcast(&w->done);
    while ((job = next_job(w, &next_tick)) != NULL) {
        size_t bytes = job->raw.cap;
        bool drop = w->abandoned || w->status < 0;
        pthread_mutex_unlock(&w->lock);
        int r = drop ? 0 : write_job(w, job);
        write_job_free(job);
        pthread_mutex_lock(&w->lock);
        fail(w, r);
        w->queue.bytes -= bytes;
        w->jobs_done++;
        pthread_cond_broadcast(&w->done);
    }
    if (!w->abandoned && w->status == 0)
        fail(w, chunk_writer_finish(&w->out));
    pthread_mutex_unlock(&w->lock);
    return NULL;
}
