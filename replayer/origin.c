/* Owns the reading of a trace's header for what it tells of its machine, and the words for how that
 * one and this one differ. */
#include "replayer/origin.h"

#include "replayer/vendor_places.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum cpu_level origin_level(const Reprise__Cpu *cpu)
{
    switch (cpu->level) {
    case REPRISE__CPU__LEVEL__V1:
        return CPU_V1;
    case REPRISE__CPU__LEVEL__V2:
        return CPU_V2;
    case REPRISE__CPU__LEVEL__V3:
        return CPU_V3;
    case REPRISE__CPU__LEVEL__V4:
        return CPU_V4;
    case REPRISE__CPU__LEVEL__HOST:
        return CPU_HOST;
    case REPRISE__CPU__LEVEL__UNTOLD:
    case _REPRISE__CPU__LEVEL_IS_INT_SIZE:
        break;
    }
    return cpu->baseline ? CPU_V3 : CPU_HOST;
}

static const Reprise__CpuidLeaf *leaf_of(const Reprise__Cpu *cpu, uint32_t leaf, uint32_t subleaf)
{
    for (size_t i = 0; cpu != NULL && i < cpu->n_leaves; i++)
        if (cpu->leaves[i]->leaf == leaf && cpu->leaves[i]->subleaf == subleaf)
            return cpu->leaves[i];
    return NULL;
}

bool origin_offers(const Reprise__Cpu *cpu, const struct cpu_feature *feature)
{
    const Reprise__CpuidLeaf *l = leaf_of(cpu, feature->leaf, feature->subleaf);
    if (l == NULL)
        return false;
    const uint32_t regs[] = {l->eax, l->ebx, l->ecx, l->edx};
    return (regs[feature->reg & 3] >> feature->bit & 1) != 0;
}

bool origin_identity(const Reprise__Cpu *cpu, struct cpu_identity *ret)
{
    const Reprise__CpuidLeaf *vendor = leaf_of(cpu, 0, 0), *signature = leaf_of(cpu, 1, 0);
    if (vendor == NULL || signature == NULL)
        return false;
    *ret = cpu_identity((struct cpuid_regs){vendor->eax, vendor->ebx, vendor->ecx, vendor->edx},
                        signature->eax);
    return true;
}

/* ---- differences ---- */

struct words {
    char *buf;
    size_t len;
};

static void say(struct words *w, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct words *w, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(w->buf + w->len, ORIGIN_TEXT_MAX - w->len, fmt, ap);
    va_end(ap);
    w->len += n > 0 ? (size_t)n : 0;
    if (w->len >= ORIGIN_TEXT_MAX)
        w->len = ORIGIN_TEXT_MAX - 1;
}

static void say_names(struct words *w, const char *before, const char *names)
{
    const char *name;
    size_t len;
    for (bool first = true; (name = machine_next_name(&names, &len)) != NULL; first = false) {
        if (first)
            say(w, "%s%s", w->len > 0 ? "; " : "", before);
        say(w, "%s %.*s", first ? "" : ",", (int)len, name);
    }
}

#define FILES_NAMED 4

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static void say_places(struct words *w, const struct vendor_places *places)
{
    char names[VENDOR_NAMES_MAX];
    if (places == NULL || places->total == 0)
        return;
    say(w, "; %llu place%s in the program's code compute%s what differs between vendors: %s (in",
        (unsigned long long)places->total, places->total == 1 ? "" : "s",
        places->total == 1 ? "s" : "", vendor_names(&places->counts, names));
    for (size_t i = 0; i < places->n && i < FILES_NAMED; i++)
        say(w, "%s %.60s", i > 0 ? "," : "", base_name(places->files[i].name));
    say(w, "%s)", places->n > FILES_NAMED ? " and others" : "");
}

static struct cpu_identity identity_here(void)
{
    return cpu_identity(cpu_steady(0, 0), cpu_steady(1, 0).eax);
}

bool origin_is_of_another_vendor(const Reprise__Header *header)
{
    struct cpu_identity there;
    return header != NULL && origin_identity(header->cpu_detail, &there) &&
           strcmp(there.vendor, identity_here().vendor) != 0;
}

static void say_cpus(struct words *w, const Reprise__Cpu *cpu, const struct vendor_places *places)
{
    struct cpu_identity there, here = identity_here();
    if (!origin_identity(cpu, &there))
        return;
    const char *semicolon = w->len > 0 ? "; " : "";
    if (strcmp(there.vendor, here.vendor) == 0) {
        if (there.family != here.family || there.model != here.model)
            say(w, "%sCPUs differ (%s family %u model %u, family %u model %u)", semicolon,
                there.vendor, there.family, there.model, here.family, here.model);
        return;
    }
    say(w, "%svendors differ (%s family %u, %s family %u)", semicolon, there.vendor, there.family,
        here.vendor, here.family);
    say_places(w, places);
}

/* Of an area that XSAVE can write; else there is no XSAVE, and what CPUID tells of it is noise. */
static bool is_state_size(uint32_t size)
{
    return size >= 576 && size <= 65536;
}

/* XSAVE shows it to the program, whatever that was told of the CPU. */
static void say_state(struct words *w, const Reprise__Cpu *cpu)
{
    uint32_t here = cpu_steady(0xd, 0).ebx;
    if (is_state_size(cpu->xstate_size) && is_state_size(here) && cpu->xstate_size != here)
        say(w, "%ssizes of register state differ (%u bytes, %u bytes)", w->len > 0 ? "; " : "",
            cpu->xstate_size, here);
}

const char *origin_differences(const Reprise__Header *header, const Reprise__Summary *summary,
                               const struct vendor_places *places, const struct machine *here,
                               char buf[ORIGIN_TEXT_MAX])
{
    struct words w = {.buf = buf};
    char names[MACHINE_NAMES_MAX];
    buf[0] = '\0';
    if (header == NULL || header->cpu_detail == NULL)
        return buf;
    say_names(&w, "recorded on a machine without", header->cpu_detail->missing);
    say_names(&w, "this one lacks", machine_missing(here, names));
    say_cpus(&w, header->cpu_detail, places);
    say_state(&w, header->cpu_detail);
    if (w.len > 0 && summary != NULL && summary->n_uncertain > 0)
        say(&w,
            "; %llu places in its code may be instructions that tell of the machine, and were not "
            "rewritten",
            (unsigned long long)summary->n_uncertain);
    return buf;
}
