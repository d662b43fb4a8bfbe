/* The seccomp filter of a reader. Private to confine/. */
#ifndef REPRISE_CONFINE_READER_FILTER_H
#define REPRISE_CONFINE_READER_FILTER_H

/* The one descriptor that it has: its end of the channel. */
#define READER_CHANNEL 0

/* For good. Looking for a file fails with ENOENT, as libraries try that now and then; calls that
 * are not in the table kill. 0 or -errno. */
int reader_filter_set(void);

#endif
