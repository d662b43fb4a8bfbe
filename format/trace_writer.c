/* Owns the writer's life and the way of an event into its stream's buffer and on to the queue.
 * Compressing and writing is the thread's (writer_thread.c), blobs are blob_writer.c's. */
#include "format/trace_writer.h"

#include "format/delimited.h"
#include "format/trace_writer_private.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define DEFAULT_QUEUE_BYTES ((size_t)24 << 20)
#define DEFAULT_LEVEL       1
#define DEFAULT_BLOB_LEVEL  (-5) /* faster than 1 by half, and larger by a third */
#define THREAD_STACK        ((size_t)512 << 10)

/* Stands in the map for a stream that has ended. */
static struct stream_buf ended;
#define ENDED_STREAM (&ended)

/* Puts s where its base time belongs, which is nearly always the end. */
static void list_insert(struct trace_writer *w, struct stream_buf *s)
{
    struct stream_buf *before = w->open_last;
    while (before != NULL && before->base_time > s->base_time)
        before = before->prev;
    s->prev = before;
    s->next = before != NULL ? before->next : w->open_first;
    if (s->next != NULL)
        s->next->prev = s;
    else
        w->open_last = s;
    if (before != NULL)
        before->next = s;
    else
        w->open_first = s;
}

static void list_remove(struct trace_writer *w, struct stream_buf *s)
{
    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        w->open_first = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
    else
        w->open_last = s->prev;
    s->prev = s->next = NULL;
}

int trace_writer_push(struct trace_writer *w, struct chunk_head head, struct buf raw)
{
    int r = write_queue_push(&w->queue, head, raw);
    pthread_cond_signal(&w->work);
    return r;
}

int trace_writer_cut(struct trace_writer *w, struct stream_buf *s)
{
    if (s->count == 0)
        return 0;
    w->open_bytes -= s->raw.len;
    list_remove(w, s);
    struct chunk_head head;
    struct buf raw = stream_buf_take(s, &head);
    /* Streams come to the file at different times. So that a torn file can be read as of one
     * moment, each chunk tells up to when nothing is missing. */
    head.complete = w->open_first != NULL ? w->open_first->base_time : w->last_time + 1;
    return trace_writer_push(w, head, raw);
}

int trace_writer_wait_room(struct trace_writer *w)
{
    while (w->status == 0 && w->queue.bytes >= w->queue_bytes)
        pthread_cond_wait(&w->done, &w->lock);
    return w->status;
}

/* A chunk that could not be made (no memory) is a gap in the trace: nothing may follow it. */
static int stop_on_failure(struct trace_writer *w, int r)
{
    if (r < 0 && w->status == 0) {
        w->status = r;
        pthread_cond_broadcast(&w->done);
    }
    return r;
}

static int init_sync(struct trace_writer *w)
{
    pthread_condattr_t monotonic;
    int r = pthread_condattr_init(&monotonic);
    if (r != 0)
        return -r;
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, &monotonic);
    pthread_cond_init(&w->done, NULL);
    pthread_condattr_destroy(&monotonic);
    return 0;
}

static void done_sync(struct trace_writer *w)
{
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->done);
    pthread_mutex_destroy(&w->lock);
}

/* Starts the thread with all signals blocked, SIGXFSZ too: a file that grows too large is an
 * error to report, not a reason to die. */
static int start_thread(struct trace_writer *w)
{
    sigset_t all, before;
    sigfillset(&all);
    int r = pthread_sigmask(SIG_SETMASK, &all, &before);
    if (r != 0)
        return -r;
    pthread_attr_t attr;
    r = pthread_attr_init(&attr);
    if (r == 0) {
        pthread_attr_setstacksize(&attr, THREAD_STACK);
        r = pthread_create(&w->thread, &attr, writer_thread_main, w);
        pthread_attr_destroy(&attr);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

static int init_writer(struct trace_writer *w, const struct trace_writer_options *options)
{
    w->queue_bytes = options->queue_bytes > 0 ? options->queue_bytes : DEFAULT_QUEUE_BYTES;
    w->pid = getpid();
    w->fd = options->fd;
    w->level = options->level != 0 ? options->level : DEFAULT_LEVEL;
    w->blob_level = options->level != 0 ? options->level : DEFAULT_BLOB_LEVEL;
    int r = init_sync(w);
    if (r < 0)
        return r;
    r = start_thread(w);
    if (r < 0)
        done_sync(w);
    return r;
}

/* Until the thread has written the file header: it does even that, since it alone is safe from
 * SIGXFSZ. */
static int wait_begun(struct trace_writer *w)
{
    pthread_mutex_lock(&w->lock);
    while (!w->begun && w->status == 0)
        pthread_cond_wait(&w->done, &w->lock);
    int r = w->status;
    pthread_mutex_unlock(&w->lock);
    return r;
}

int trace_writer_open(const struct trace_writer_options *options, struct trace_writer **ret,
                      struct err *err)
{
    struct trace_writer *w = calloc(1, sizeof *w);
    if (w == NULL)
        return err_sys(err, ENOMEM, "cannot write the trace");
    int r = init_writer(w, options);
    if (r < 0) {
        free(w);
        return err_sys(err, -r, "cannot start the thread that writes the trace");
    }
    r = wait_begun(w);
    if (r < 0) {
        trace_writer_abandon(w);
        return err_sys(err, -r, "cannot write the trace");
    }
    *ret = w;
    return 0;
}

int trace_writer_message(struct trace_writer *w, struct chunk_head head,
                         const ProtobufCMessage *message)
{
    struct buf raw = {0};
    int r = delimited_append(&raw, message);
    if (r < 0) {
        buf_done(&raw);
        return r;
    }
    head.count = 1;
    pthread_mutex_lock(&w->lock);
    r = trace_writer_wait_room(w);
    if (r == 0)
        r = stop_on_failure(w, trace_writer_push(w, head, raw));
    else
        buf_done(&raw);
    pthread_mutex_unlock(&w->lock);
    return r;
}

int trace_writer_header(struct trace_writer *w, const Reprise__Header *header)
{
    assert(!w->has_header);
    w->has_header = true;
    return trace_writer_message(w, (struct chunk_head){.kind = CHUNK_HEADER}, &header->base);
}

/* The buffer of a stream, made at its first event; NULL: no memory. */
static struct stream_buf *get_stream(struct trace_writer *w, uint32_t stream)
{
    struct stream_buf *s = w->last_stream;
    if (s != NULL && s->stream == stream)
        return s;
    s = map64_get(&w->streams, stream);
    assert(s != ENDED_STREAM);
    if (s == NULL) {
        s = calloc(1, sizeof *s);
        if (s == NULL)
            return NULL;
        s->stream = stream;
        if (map64_put(&w->streams, stream, s) < 0) {
            free(s);
            return NULL;
        }
    }
    w->last_stream = s;
    return s;
}

/* Notes that s has got its first event: from now on it ages. */
static void begin_chunk(struct trace_writer *w, struct stream_buf *s)
{
    bool idle = w->open_first == NULL;
    s->born_tick = w->tick;
    list_insert(w, s);
    if (idle)
        pthread_cond_signal(&w->work);
}

static int add_event(struct trace_writer *w, uint32_t stream, const Reprise__Event *event)
{
    struct stream_buf *s = get_stream(w, stream);
    if (s == NULL)
        return stop_on_failure(w, -ENOMEM);
    size_t before = s->raw.len;
    int r = stream_buf_add(s, event);
    if (r == -EMSGSIZE)
        return r;
    if (r < 0)
        return stop_on_failure(w, r);
    w->open_bytes += s->raw.len - before;
    w->events++;
    if (event->time > w->last_time)
        w->last_time = event->time;
    if (s->count == 1)
        begin_chunk(w, s);
    if (stream_buf_is_full(s))
        r = trace_writer_cut(w, s);
    else if (w->open_bytes > w->queue_bytes / 2)
        r = trace_writer_cut(w, w->open_first);
    return stop_on_failure(w, r);
}

int trace_writer_event(struct trace_writer *w, uint32_t stream, const Reprise__Event *event)
{
    assert(w->has_header && stream != UINT32_MAX);
    pthread_mutex_lock(&w->lock);
    int r = trace_writer_wait_room(w);
    if (r == 0)
        r = add_event(w, stream, event);
    pthread_mutex_unlock(&w->lock);
    return r;
}

int trace_writer_end_stream(struct trace_writer *w, uint32_t stream)
{
    pthread_mutex_lock(&w->lock);
    int r = w->status;
    struct stream_buf *s = map64_get(&w->streams, stream);
    if (s != NULL && s != ENDED_STREAM) {
        if (r == 0)
            r = stop_on_failure(w, trace_writer_cut(w, s));
        if (r == 0) {
            r = map64_put(&w->streams, stream, ENDED_STREAM);
            assert(r == 0); /* replaces */
            if (w->last_stream == s)
                w->last_stream = NULL;
            free(s);
        }
    }
    pthread_mutex_unlock(&w->lock);
    return r;
}

/* With the lock held. */
static int cut_all(struct trace_writer *w)
{
    int r = w->status;
    while (r == 0 && w->open_first != NULL)
        r = stop_on_failure(w, trace_writer_cut(w, w->open_first));
    return r;
}

int trace_writer_flush(struct trace_writer *w)
{
    pthread_mutex_lock(&w->lock);
    cut_all(w);
    uint64_t mine = w->queue.pushed;
    while (w->status == 0 && w->jobs_done < mine)
        pthread_cond_wait(&w->done, &w->lock);
    int r = w->status;
    pthread_mutex_unlock(&w->lock);
    return r;
}

int trace_writer_status(const struct trace_writer *w)
{
    return w->status;
}

static void free_memory(struct trace_writer *w)
{
    size_t pos = 0;
    struct stream_buf *s;
    while ((s = map64_next(&w->streams, &pos)) != NULL) {
        if (s == ENDED_STREAM)
            continue;
        buf_done(&s->raw);
        free(s);
    }
    map64_done(&w->streams);
    write_queue_done(&w->queue);
    blob_set_done(&w->blob_names);
    chunk_writer_done(&w->out);
    free(w);
}

static void stop_thread(struct trace_writer *w, bool abandon)
{
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    w->abandoned = abandon;
    pthread_cond_signal(&w->work);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
}

static struct trace_writer_stats get_stats(const struct trace_writer *w)
{
    const struct chunk_writer *out = &w->out;
    return (struct trace_writer_stats){
        .events = w->events,
        .event_bytes_raw = out->raw_by_kind[CHUNK_EVENTS],
        .event_bytes_stored = out->stored_by_kind[CHUNK_EVENTS],
        .blobs = w->blobs,
        .blob_bytes_raw = out->raw_by_kind[CHUNK_BLOB],
        .blob_bytes_stored = out->stored_by_kind[CHUNK_BLOB],
        .file_bytes = out->offset,
    };
}

int trace_writer_close(struct trace_writer *w, const Reprise__Summary *summary,
                       struct trace_writer_stats *ret_stats)
{
    if (w == NULL)
        return 0;
    pthread_mutex_lock(&w->lock);
    cut_all(w);
    pthread_mutex_unlock(&w->lock);
    if (summary != NULL) {
        Reprise__Summary counted = *summary;
        counted.events = w->events;
        int r = trace_writer_message(w, (struct chunk_head){.kind = CHUNK_SUMMARY}, &counted.base);
        pthread_mutex_lock(&w->lock);
        stop_on_failure(w, r);
        pthread_mutex_unlock(&w->lock);
    }
    stop_thread(w, false);
    int r = w->status;
    if (ret_stats != NULL)
        *ret_stats = get_stats(w);
    done_sync(w);
    free_memory(w);
    return r;
}

void trace_writer_abandon(struct trace_writer *w)
{
    if (w == NULL)
        return;
    if (getpid() != w->pid) {
        /* A forked child: the thread is not here. If it held the lock at the fork its data may
         * be half changed and are left alone; the child is about to exec or exit anyway. */
        if (pthread_mutex_trylock(&w->lock) == 0)
            free_memory(w);
        return;
    }
    stop_thread(w, true);
    done_sync(w);
    free_memory(w);
}
