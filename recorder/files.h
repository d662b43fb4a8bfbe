/* Content of mapped files, hashed and kept once per inode and state of the inode. */
#ifndef REPRISE_RECORDER_FILES_H
#define REPRISE_RECORDER_FILES_H

#include "code/code_marks.h"
#include "recorder/record_state.h"

#include <sys/stat.h>

struct files;
struct files *files_new(void);
void files_free(struct files *f);

/* Where the bytes [offset, offset+len) of a file are in the trace. */
struct file_content {
    struct blob_id id;
    uint64_t blob_offset; /* of `offset` in the blob */
    uint64_t file_size;
};

/* Keeps the content of the file behind `path` (best a /proc/PID link), which must be the inode
 * dev:ino if ino is not 0. 0, -ESTALE if it is another one, or -errno. */
int files_keep(struct recorder *r, const char *path, uint64_t dev, uint64_t ino, uint64_t offset,
               uint64_t len, struct file_content *ret);

/* Marks of the blob of this name, which is a file's that was kept; NULL: nobody looked for them.
 * The recorder owns them. */
const struct code_marks *files_marks(const struct recorder *r, const struct blob_id *id);

/* Notes that a task has mapped the file; asks whether one has. */
void files_note_mapped(struct recorder *r, uint64_t dev, uint64_t ino);
bool files_is_mapped(const struct recorder *r, uint64_t dev, uint64_t ino);

#endif
