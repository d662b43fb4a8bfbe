/* Owns the list of what is found of the instructions that tell of the machine. */
#include "code/code_finder.h"
#include "code/room.h"
#include "code/search.h"

#include <stdlib.h>

void code_sites_done(struct code_sites *sites)
{
    free(sites->v);
    free(sites->doubts);
    *sites = (struct code_sites){0};
}

static int add_site(struct code_sites *sites, const struct code_range *range,
                    const struct candidate *c)
{
    struct machine_insn insn;
    size_t start = c->consensus.start;
    machine_insn_at(range->bytes + start, range->len - start, &insn);
    insn.offset = start;
    if (c->unwind == LANDS) {
        insn.function = c->function.offset - range->file_offset;
        insn.function_end = insn.function + c->function.size;
    }
    int r = make_room((void **)&sites->v, sites->n, &sites->cap, sizeof *sites->v);
    if (r == 0)
        sites->v[sites->n++] = insn;
    return r;
}

static int add_doubt(struct code_sites *sites, const struct candidate *c)
{
    int r = make_room((void **)&sites->doubts, sites->uncertain, &sites->doubts_cap,
                      sizeof *sites->doubts);
    if (r == 0)
        sites->doubts[sites->uncertain++] = c->at;
    return r;
}

static int take(void *ctx, const struct code_range *range, const struct candidate *c,
                enum answer answer)
{
    switch (answer) {
    case YES:
        return add_site(ctx, range, c);
    case PERHAPS:
        return add_doubt(ctx, c);
    case NO:
        break;
    }
    return 0;
}

int code_find(struct code_finder *finder, const struct code_range *range, struct code_sites *sites)
{
    struct search s = {
        .wanted = &wanted_machine, .finder = finder, .range = range, .take = take, .ctx = sites};
    return search_run(&s);
}
