/* The check in place: the stub's pages mapped in the task, the jump written to the point. */
#ifndef REPRISE_REPLAYER_CHECK_PATCH_H
#define REPRISE_REPLAYER_CHECK_PATCH_H

#include "replayer/check_stub.h"
#include "replayer/point_state.h"

struct check_patch {
    bool installed;
    uint64_t pages; /* where the stub's pages are */
    struct landmark landmark;
    struct check_stub stub;
    uint8_t original[LANDMARK_JUMP];
};

/* Puts the check into the stopped task. 1: it is there; 0: it cannot be used at this place, and
 * nothing has changed; -errno noted in the replayer's err. */
int check_patch_install(struct check_patch *patch, struct point *pt);
/* Takes it away again. 0, or -errno noted in the replayer's err. */
int check_patch_remove(struct check_patch *patch, struct point *pt);

/* Where the program would be without the check. A task that came from elsewhere into the midst of
 * the jump, where a byte that traps stopped it, is told by *ret_midst. */
uint64_t check_patch_ip(const struct check_patch *patch, uint64_t ip, bool *ret_midst);

#endif
