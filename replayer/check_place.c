/* Owns the choice of the jump's four bytes, which is the choice of where it leads to. */
#include "replayer/check_place.h"

#include "base/page.h"
#include "replayer/replay_state.h"

#define LOWEST 0x10000ull  /* vm.mmap_min_addr */
#define MARGIN 0x100000ull /* kept from the upper end of a gap: stacks grow down */

static bool is_free(const struct maps *maps, uint64_t start, uint64_t len)
{
    if (start < LOWEST || start > TASK_TOP - len)
        return false;
    size_t low = 0, high = maps->n; /* the first mapping that ends behind start */
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (maps->v[mid].end > start)
            high = mid;
        else
            low = mid + 1;
    }
    return low == maps->n || maps->v[low].start >= start + len;
}

/* Which bytes of the displacement have to trap. */
static void find_traps(const struct landmark *landmark, bool traps[4])
{
    for (size_t i = 1; i < landmark->n; i++) {
        uint64_t offset = landmark->insns[i].addr - landmark->insns[0].addr;
        if (offset < LANDMARK_JUMP)
            traps[offset - 1] = true;
    }
}

/* The i-th value to try for a byte: the top one goes away from zero, both ways. */
static bool byte_to_try(unsigned i, bool top, bool traps, uint8_t *ret)
{
    if (i > 255)
        return false;
    *ret = (uint8_t)(top && i % 2 != 0 ? 255 - i / 2 : top ? i / 2 : i);
    return !traps || landmark_byte_traps(*ret);
}

bool check_place_find(const struct maps *maps, const struct landmark *landmark, unsigned nth,
                      struct check_place *ret)
{
    bool traps[4] = {false};
    uint8_t byte[4] = {0};
    find_traps(landmark, traps);
    uint64_t from = landmark->insns[0].addr + LANDMARK_JUMP;
    while (!byte_to_try(byte[0], false, traps[0], &byte[0]))
        byte[0]++;
    for (unsigned i = 0; i <= 255; i++) {
        if (!byte_to_try(i, true, traps[3], &byte[3]))
            continue;
        for (unsigned j = 0; j <= 255; j++) {
            if (!byte_to_try(j, false, traps[2], &byte[2]))
                continue;
            for (unsigned k = 0; k <= 255; k += traps[1] ? 1 : 16) {
                if (!byte_to_try(k, false, traps[1], &byte[1]))
                    continue;
                uint32_t rel = (uint32_t)byte[3] << 24 | (uint32_t)byte[2] << 16 |
                               (uint32_t)byte[1] << 8 | byte[0];
                ret->code = from + (uint64_t)(int64_t)(int32_t)rel;
                ret->pages = ret->code & ~(PAGE - 1);
                if (is_free(maps, ret->pages, CHECK_PAGES_SIZE + MARGIN) && nth-- == 0)
                    return true;
            }
        }
    }
    return false;
}
