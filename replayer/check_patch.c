/* Owns how a check gets into a task and out of it. */
#include "replayer/check_patch.h"

#include "replayer/check_place.h"
#include "replayer/task_memory.h"
#include "replayer/task_run.h"
#include "replayer/zygote.h"
#include "task/made_calls.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define DATA_OFFSET 8192u /* in the pages */
#define TRIES       64

static long read_code(void *ctx, uint64_t addr, uint8_t *code, size_t len)
{
    const struct rtask *t = ctx;
    return tracee_read(t->pid, addr, code, len);
}

/* The instructions at the point, if the code there is what it was when recorded. */
static bool look_at_code(struct check_patch *patch, const struct point *pt, uint8_t *code)
{
    struct insn_decoder *decoder = insn_decoder_new();
    long n = tracee_read(pt->t->pid, regs_ip(&pt->want), code, LANDMARK_FLAGS_AHEAD);
    uint8_t before = 0;
    (void)tracee_read(pt->t->pid, regs_ip(&pt->want) - 1, &before, 1);
    bool ok = decoder != NULL && n > 0 && !landmark_is_behind_lock(before) &&
              landmark_find(decoder, code, (size_t)n, regs_ip(&pt->want), &patch->landmark) &&
              pt->p->code.len >= patch->landmark.len &&
              memcmp(code, pt->p->code.data, patch->landmark.len) == 0;
    patch->flags_are_dead =
        ok && landmark_flags_are_dead(decoder, code, (size_t)n, regs_ip(&pt->want));
    if (!ok || !check_round_find(decoder, &patch->landmark, read_code, pt->t, &patch->round))
        patch->round.n = 0;
    insn_decoder_free(decoder);
    return ok;
}

/* The stub must not fault where it reads the program's words, nor take the jump for one of them. */
static size_t readable_words(const struct point *pt, const struct maps *maps,
                             struct check_word words[CHECK_WORDS])
{
    size_t n = 0;
    for (size_t i = 0; i < pt->p->n_witness && n < CHECK_WORDS; i++) {
        uint64_t addr = pt->p->witness[i]->addr;
        const struct map *m = maps_find(maps, addr);
        if (addr + 8 > regs_ip(&pt->want) && addr < regs_ip(&pt->want) + LANDMARK_JUMP)
            continue;
        if (m != NULL && (m->prot & PROT_READ) != 0 && (m->ino == 0 || !m->shared))
            words[n++] = (struct check_word){addr, pt->p->witness[i]->value};
    }
    return n;
}

static size_t vector_lanes(const struct point *pt, struct check_lane lanes[CHECK_LANES])
{
    size_t n = 0;
    for (size_t i = 0; i < pt->n_lanes; i++) {
        lanes[n].number = pt->lanes[i];
        size_t at = 8 * (size_t)lanes[n].number;
        if (at + 8 <= pt->p->xstate.len)
            memcpy(&lanes[n++].value, pt->p->xstate.data + at, 8);
    }
    return n;
}

static enum check_first what_changes_most(const struct point *pt, const struct check_wish *wish)
{
    if (pt->p->n_varying > 0)
        return CHECK_REG;
    if (pt->p->changing > 0 && wish->n_words > 0 && wish->words[0].addr == pt->p->witness[0]->addr)
        return CHECK_WORD;
    return wish->n_lanes > 0 ? CHECK_LANE : CHECK_ALL_AT_ONCE;
}

static bool make_stub(struct check_patch *patch, const struct point *pt, const struct maps *maps,
                      const uint8_t *code)
{
    struct check_word words[CHECK_WORDS];
    struct check_lane lanes[CHECK_LANES];
    struct check_wish wish = {
        .landmark = &patch->landmark,
        .code = code,
        .round = patch->round.n > 0 ? &patch->round : NULL,
        .flags_are_dead = patch->flags_are_dead,
        .want = &pt->want,
        .first_reg = pt->p->n_varying > 0 ? pt->p->varying[0] : 0,
        .words = words,
        .n_words = readable_words(pt, maps, words),
        .lanes = lanes,
        .n_lanes = vector_lanes(pt, lanes),
    };
    wish.first = what_changes_most(pt, &wish);
    struct check_place place = {.code = patch->entry, .pages = patch->pages};
    if (patch->has_place) {
        wish.at = place.code;
        wish.data = place.pages + DATA_OFFSET;
        return check_stub_make(&wish, &patch->stub);
    }
    if (patch->no_place)
        return false;
    for (unsigned i = 0; i < TRIES && check_place_find(maps, &patch->landmark, i, &place); i++) {
        wish.at = patch->entry = place.code;
        wish.data = place.pages + DATA_OFFSET;
        patch->pages = place.pages;
        if (check_stub_make(&wish, &patch->stub))
            return patch->has_place = true;
    }
    patch->no_place = true;
    return false;
}

static int put_in_place(struct check_patch *patch, struct point *pt)
{
    pid_t pid = pt->t->pid;
    const struct check_stub *stub = &patch->stub;
    int64_t got = zygote_call(pt->r, pid, NR_MMAP, patch->pages, CHECK_PAGES_SIZE,
                              PROT_READ | PROT_WRITE | PROT_EXEC,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, (uint64_t)-1, 0);
    if (got != (int64_t)patch->pages)
        return err_sys(pt->r->err, got < 0 ? (int)-got : EFAULT, "cannot map a check");
    int err = task_memory_write(pt->r, pid, patch->entry, stub->code, stub->code_len);
    if (err == 0)
        err = task_memory_write(pt->r, pid, patch->pages + DATA_OFFSET, stub->data, stub->data_len);
    if (err == 0)
        err = task_memory_write(pt->r, pid, regs_ip(&pt->want), stub->jump, sizeof stub->jump);
    return err < 0 ? err_sys(pt->r->err, -err, "cannot write a check") : 0;
}

/* A task that starts in the midst of what is going to be replaced has to get out of there first. */
static int step_out(const struct check_patch *patch, struct point *pt)
{
    for (;;) {
        const struct user_regs_struct *regs = rtask_regs(pt->r, pt->t);
        if (regs == NULL)
            return -ESRCH;
        uint64_t in = regs_ip(regs) - regs_ip(&pt->want);
        if (in == 0 || in >= LANDMARK_JUMP)
            return 0;
        for (size_t i = 1; i < patch->landmark.n; i++)
            in = regs_ip(regs) == patch->landmark.insns[i].addr ? 0 : in;
        if (in != 0)
            return 0; /* it is between instructions of the landmark: strange code */
        int err = rtask_step(pt->r, pt->t);
        if (err < 0)
            return err;
    }
}

int check_patch_install(struct check_patch *patch, struct point *pt)
{
    uint8_t code[LANDMARK_FLAGS_AHEAD];
    struct maps maps = {0};
    if (!look_at_code(patch, pt, code))
        return 0;
    int usable = step_out(patch, pt);
    if (usable < 0)
        return usable;
    uint64_t start = regs_ip(&pt->want), end = start + patch->landmark.len;
    if (patch->round.n > 0) {
        start = patch->round.start;
        end = patch->round.end > end ? patch->round.end : end;
    }
    if (maps_read(pt->t->pid, &maps) == 0 && make_stub(patch, pt, &maps, code))
        usable = code_guard_close(&patch->guard, pt->r, pt->t, &maps, start, end,
                                  patch->pages + CHECK_PAGES_SIZE);
    maps_done(&maps);
    if (usable < 0)
        return err_sys(pt->r->err, -usable, "cannot guard the code of a replayed task");
    if (usable == 0)
        return 0;
    memcpy(patch->original, code, sizeof patch->original);
    int err = put_in_place(patch, pt);
    if (err < 0)
        return err;
    patch->installed = true;
    pt->flags_are_dead = patch->flags_are_dead;
    pt->dead[pt->n_dead++] = (struct memory_span){.addr = patch->pages, .len = CHECK_PAGES_SIZE};
    return 1;
}

/* Where the task stops that executes the jump from its i-th instruction on. */
static uint64_t midst_ip(const struct check_patch *patch, size_t i)
{
    uint64_t start = patch->landmark.insns[0].addr, addr = patch->landmark.insns[i].addr;
    if (addr - start >= LANDMARK_JUMP)
        return 0;                                                    /* untouched */
    return patch->stub.jump[addr - start] == 0xcc ? addr + 1 : addr; /* int3 is over by then */
}

enum check_met check_patch_meaning(const struct check_patch *patch, uint64_t ip, uint64_t *ret_ip)
{
    const struct landmark *landmark = &patch->landmark;
    *ret_ip = ip;
    if (!patch->installed)
        return CHECK_MET_NOTHING;
    const struct check_stub *stub = &patch->stub;
    bool looks = ip == patch->entry || (stub->has_round && ip == stub->round_look);
    if (ip == stub->equal_ip || looks) {
        *ret_ip = landmark->insns[0].addr;
        return looks ? CHECK_MET_FAULT : CHECK_MET_EQUAL;
    }
    for (size_t i = 0; i < landmark->n; i++)
        if (ip == stub->moved[i])
            *ret_ip = landmark->insns[i].addr;
    for (size_t i = 0; stub->has_round && i < patch->round.n; i++)
        if (ip == stub->round[i])
            *ret_ip = patch->round.insns[i].addr;
    for (size_t i = 1; i < landmark->n; i++) {
        if (ip != midst_ip(patch, i))
            continue;
        *ret_ip = stub->moved[i];
        return CHECK_MET_MIDST;
    }
    return CHECK_MET_NOTHING;
}

int check_patch_remove(struct check_patch *patch, struct point *pt)
{
    if (!patch->installed)
        return 0;
    patch->installed = false;
    pt->flags_are_dead = false;
    pt->n_dead--;
    int err = task_memory_write(pt->r, pt->t->pid, regs_ip(&pt->want), patch->original,
                                sizeof patch->original);
    if (err == 0)
        err = code_guard_open(&patch->guard, pt->r, pt->t);
    int64_t got =
        zygote_call(pt->r, pt->t->pid, NR_MUNMAP, patch->pages, CHECK_PAGES_SIZE, 0, 0, 0, 0);
    if (err == 0 && got < 0)
        err = (int)got;
    return err < 0 ? err_sys(pt->r->err, -err, "cannot take a check away") : 0;
}
