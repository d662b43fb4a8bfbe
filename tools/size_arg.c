/* Owns how sizes are written on the command line: in powers of 1024. */
#include "tools/size_arg.h"

#include "tools/report.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* K is 1024 bytes, and each letter 1024 times the one before. */
static bool parse(const char *arg, uint64_t *ret_bytes)
{
    static const char letters[] = "KMGT";
    char *end;
    errno = 0;
    unsigned long long n = strtoull(arg, &end, 10);
    if (errno != 0 || !isdigit((unsigned char)arg[0]) || n == 0)
        return false;
    const char *letter = *end != '\0' ? strchr(letters, toupper((unsigned char)*end)) : NULL;
    if (*end != '\0' && (letter == NULL || end[1] != '\0'))
        return false;
    for (const char *l = letters; letter != NULL && l <= letter; l++)
        if (__builtin_mul_overflow(n, 1024ull, &n))
            return false;
    *ret_bytes = n;
    return true;
}

int size_arg_parse(const char *option, const char *arg, uint64_t *ret_bytes)
{
    if (parse(arg, ret_bytes))
        return 0;
    report_error("--%s takes a number of bytes, or one with K, M, G or T behind it, not '%s'",
                 option, arg);
    return EINVAL;
}
