/* The check in place: the stub's pages mapped in the task, the jump written to the point. */
#ifndef REPRISE_REPLAYER_CHECK_PATCH_H
#define REPRISE_REPLAYER_CHECK_PATCH_H

#include "replayer/check_stub.h"
#include "replayer/code_guard.h"
#include "replayer/point_state.h"

struct check_patch {
    bool installed;
    bool has_place; /* found once, it serves as often as the check is put back ... */
    bool no_place;  /* ... and what was not found is not looked for again */
    uint64_t pages; /* where the stub's pages are ... */
    uint64_t entry; /* ... and its first instruction */
    struct landmark landmark;
    struct check_round round; /* the loop around it; n 0: none */
    bool flags_are_dead;
    struct check_stub stub;
    struct code_guard guard;
    uint8_t original[LANDMARK_JUMP];
};

/* Puts the check into the stopped task. 1: it is there; 0: it cannot be used at this place, and
 * nothing has changed; -errno noted in the replayer's err. */
int check_patch_install(struct check_patch *patch, struct point *pt);
/* Takes it away again. 0, or -errno noted in the replayer's err. */
int check_patch_remove(struct check_patch *patch, struct point *pt);

enum check_met {
    CHECK_MET_NOTHING, /* of the check: *ret_ip is where the program is */
    CHECK_MET_EQUAL,   /* the program is at the point, and all that the stub compares is equal */
    CHECK_MET_FAULT,   /* the first look faulted at the point: the stub is no good here */
    CHECK_MET_MIDST,   /* the program came from elsewhere to an instruction in the midst of the
                          jump, where a byte that traps stopped it: *ret_ip is where that lies now */
};
/* What it means that the task has stopped with rip at ip. */
enum check_met check_patch_meaning(const struct check_patch *patch, uint64_t ip, uint64_t *ret_ip);

#endif
