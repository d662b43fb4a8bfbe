/* Scratch memory of an address space: areas that were mapped for it, and the stretches in them that
 * nobody uses. Part of record_state.h; scratch.h has the verbs. */
#ifndef REPRISE_RECORDER_SCRATCH_AREAS_H
#define REPRISE_RECORDER_SCRATCH_AREAS_H

#include <stddef.h>
#include <stdint.h>

struct scratch_slot {
    uint64_t addr, len;
};

struct scratch_area {
    uint64_t start, end;
    uint64_t used; /* all before was handed out once */
};

struct scratch_areas {
    struct scratch_area *areas;
    size_t n_areas;
    struct scratch_slot *unused;
    size_t n_unused, unused_cap;
};

void scratch_areas_add(struct scratch_areas *a, uint64_t start, uint64_t len);
/* A copy for a child with memory of its own, where nothing is in use. */
void scratch_areas_copy(struct scratch_areas *dst, const struct scratch_areas *src);
void scratch_areas_done(struct scratch_areas *a);

#endif
