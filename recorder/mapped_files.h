/* Calls on files, as far as memory shows what they do. */
#ifndef REPRISE_RECORDER_MAPPED_FILES_H
#define REPRISE_RECORDER_MAPPED_FILES_H

#include "recorder/emit.h"

#include <sys/stat.h>

/* The file that the task's call changes; what was handed over must have been read. */
bool mapped_files_of_call(const struct task *t, struct stat *ret);
/* Where in the file a call wrote its `result` bytes. */
bool mapped_files_written_range(struct task *t, uint64_t *ret_start, uint64_t *ret_end);
/* Whether the call, which is one of those that may, changes the size of a file: not every open. */
bool mapped_files_may_resize(const struct task *t);
/* At the exit: the size of the file may have changed. */
void mapped_files_resized(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out);
/* At the exit: `result` bytes were written to the file. */
void mapped_files_written(struct recorder *r, struct task *t, struct emit_list *map,
                          struct emit_list *out);

#endif
