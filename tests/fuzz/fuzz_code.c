/* Feeds what finds instructions in mapped files with hostile ones: headers of ELF files, tables of
 * symbols, of unwinding and of Go, and code that is none. */
#include "code/code_finder.h"
#include "code/vendor_code.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *data;
    size_t size;
};

static bool read_bytes(void *ctx, uint64_t offset, void *buf, size_t len)
{
    const struct bytes *b = ctx;
    if (offset > b->size || len > b->size - offset)
        return false;
    memcpy(buf, b->data + offset, len);
    return true;
}

/* What is found lies in the range, in order. */
static void check_sites(const struct code_sites *sites, size_t len)
{
    for (size_t i = 0; i < sites->n; i++)
        if (sites->v[i].len == 0 || sites->v[i].offset + sites->v[i].len > len ||
            (i > 0 && sites->v[i].offset < sites->v[i - 1].offset + sites->v[i - 1].len))
            abort();
}

static void find(struct code_finder *finder, const uint8_t *data, size_t from, size_t size)
{
    const uint64_t entries[] = {0, (size - from) / 2};
    const struct code_range range = {.bytes = data + from,
                                     .len = size - from,
                                     .file_offset = from,
                                     .entries = finder == NULL ? entries : NULL,
                                     .n_entries = finder == NULL ? 2 : 0};
    struct code_sites sites = {0};
    struct vendor_counts counts = {{0}};
    if (code_find(finder, &range, &sites) == 0)
        check_sites(&sites, size - from);
    code_sites_done(&sites);
    (void)vendor_code_count(finder, &range, &counts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes bytes = {data, size};
    const struct code_file file = {.read = read_bytes, .ctx = &bytes, .size = size};
    struct code_finder *finder;
    if (size == 0 || code_finder_new(&file, &finder) < 0)
        return 0;
    find(finder, data, 0, size);
    find(finder, data, size / 2, size);
    code_finder_free(finder);
    find(NULL, data, 0, size);
    return 0;
}
