/* Owns the queue between those who make chunks and the thread that writes them. */
#include "format/write_queue.h"

#include <errno.h>
#include <stdlib.h>

int write_queue_push(struct write_queue *q, struct chunk_head head, struct buf raw)
{
    struct write_job *job = malloc(sizeof *job);
    if (job == NULL) {
        buf_done(&raw);
        return -ENOMEM;
    }
    *job = (struct write_job){.head = head, .raw = raw};
    job->head.raw_len = (uint32_t)raw.len;
    if (q->last != NULL)
        q->last->next = job;
    else
        q->first = job;
    q->last = job;
    q->bytes += raw.cap;
    q->pushed++;
    return 0;
}

struct write_job *write_queue_pop(struct write_queue *q)
{
    struct write_job *job = q->first;
    if (job == NULL)
        return NULL;
    q->first = job->next;
    if (q->first == NULL)
        q->last = NULL;
    job->next = NULL;
    return job;
}

void write_job_free(struct write_job *job)
{
    if (job == NULL)
        return;
    buf_done(&job->raw);
    free(job);
}

void write_queue_done(struct write_queue *q)
{
    struct write_job *job;
    while ((job = write_queue_pop(q)) != NULL)
        write_job_free(job);
    *q = (struct write_queue){0};
}
