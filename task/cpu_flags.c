/* Owns the names that Linux has for what cpuid tells. Below the host's own level a flag is hidden
 * unless it is known, as bits of cpuid are (task/cpu_level.c). */
#include "task/cpu_flags.h"

#include "task/cpu_features.h"

#include <string.h>

/* Features that Linux calls by another name (arch/x86/include/asm/cpufeatures.h). */
static const struct {
    const char *feature, *flag;
} renamed[] = {
    {"sse3", "pni"},
    {"lzcnt", "abm"},
    {"avx512_vbmi", "avx512vbmi"},
    {"shstk", "user_shstk"},
};

const char *cpu_flag_of(const struct cpu_feature *feature)
{
    for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
        if (strcmp(renamed[i].feature, feature->name) == 0)
            return renamed[i].flag;
    return feature->name;
}

/* Words for bits that pass at these levels though they are no features of one; the last line is of
 * what Linux has found out by itself. */
static const struct {
    enum cpu_level from;
    const char *words;
} harmless[] = {
    {CPU_V1, "vme de pse tsc msr pae mce apic sep mtrr pge mca pat pse36 clflush ht"
             " nx pdpe1gb rdtscp lm cmp_legacy topoext x2apic hypervisor erms fsrm"
             " constant_tsc nonstop_tsc nonstop_tsc_s3 tsc_reliable tsc_known_freq"
             " rep_good nopl cpuid xtopology extd_apicid amd_dcm up"},
    {CPU_V3, "xsavec"},
};

static bool is_word(const char *name, const char *word, size_t len)
{
    return strlen(name) == len && memcmp(name, word, len) == 0;
}

static bool is_among(const char *words, const char *word, size_t len)
{
    for (const char *at = words; *at != '\0'; at += strcspn(at, " ")) {
        at += strspn(at, " ");
        if (strcspn(at, " ") == len && memcmp(at, word, len) == 0)
            return true;
    }
    return false;
}

static bool is_offered(const char *word, size_t len, enum cpu_level level)
{
    const struct cpu_feature *f;
    for (size_t i = 0; (f = cpu_feature(i)) != NULL; i++)
        if (is_word(cpu_flag_of(f), word, len))
            return f->from <= level;
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (is_among(harmless[i].words, word, len))
            return harmless[i].from <= level;
    return level == CPU_HOST;
}

/* Behind the colon: " fpu vme de ...". */
static void hide_words(char *at, const char *end, enum cpu_level level)
{
    char *to = at;
    while (at < end) {
        at += *at == ' ';
        const char *blank = memchr(at, ' ', (size_t)(end - at));
        size_t len = (size_t)((blank != NULL ? blank : end) - at);
        if (len > 0 && is_offered(at, len, level)) {
            *to++ = ' ';
            memmove(to, at, len);
            to += len;
        }
        at += len;
    }
    memset(to, ' ', (size_t)(end - to));
}

/* Behind the colon of a line of flags ("vmx flags" are of virtual machines), or NULL. */
static char *flags_of(char *line, const char *end)
{
    static const char *const names[] = {"flags\t\t:", "vmx flags\t:"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if ((size_t)(end - line) >= len && memcmp(line, names[i], len) == 0)
            return line + len;
    }
    return NULL;
}

void cpu_flags_hide(char *text, size_t len, enum cpu_level level)
{
    const char *end = text + len;
    for (char *line = text; line < end;) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *line_end = newline != NULL ? newline : line + (end - line);
        char *flags = flags_of(line, line_end);
        if (flags != NULL)
            hide_words(flags, line_end, level);
        line = line_end + 1;
    }
}
