/* Knows when a call makes a temporary file. */
#ifndef REPRISE_DIFF_TEMP_FILES_H
#define REPRISE_DIFF_TEMP_FILES_H

#include "decode/trace_walk.h"
#include "diff/words.h"

/* If the call, which is done, made or tried to make a file or directory as mkstemp(3) and
 * mkdtemp(3) do, its name becomes a word with that token. 1: so it is; 0: it is another call;
 * -ENOMEM. */
int temp_files_note(const struct walk_call *call, struct words *words, uint64_t token);

#endif
