/* Owns .eh_frame_hdr and .eh_frame. Linux Standard Base, "Exception Frames": an FDE (frame
 * description entry) tells of one function, and leads to a CIE that several share, which tells how
 * the FDE's numbers are encoded.
 *
 *   .eh_frame_hdr   01 1b 03 3b | eh_frame | count | (function, FDE) (function, FDE) ...
 *   CIE             length 00000000 version "zPLR\0" ... R's encoding ...
 *   FDE             length back-to-the-CIE start size ...
 */
#include "code/function_tables.h"

#define PAIR 8 /* bytes */

/* DW_EH_PE_*: how a number is stored, and what it is relative to. */
enum { STORED = 0x0f, RELATIVE = 0x70, TO_ITSELF = 0x10, INDIRECT = 0x80, OMITTED = 0xff };

#define VERSION       1
#define SORTED_PAIRS  0x3b /* relative to .eh_frame_hdr, 4 bytes signed each */
#define COUNT_4_BYTES 0x03

/* Bytes that are read one after the other; what is behind their end makes it bad. */
struct cursor {
    const uint8_t *p;
    size_t len, at;
    uint64_t address; /* of p[0] */
    bool bad;
};

static uint64_t take(struct cursor *c, size_t n)
{
    uint64_t v = 0;
    if (c->bad || n > c->len - c->at) {
        c->bad = true;
        return 0;
    }
    for (size_t i = 0; i < n; i++)
        v |= (uint64_t)c->p[c->at + i] << 8 * i;
    c->at += n;
    return v;
}

static void skip_leb128(struct cursor *c)
{
    while ((take(c, 1) & 0x80) != 0 && !c->bad)
        ;
}

static uint64_t take_encoded(struct cursor *c, uint8_t encoding)
{
    static const struct {
        uint8_t size;
        bool is_signed;
    } stored[] = {
        [0x00] = {8, false}, [0x02] = {2, false}, [0x03] = {4, false}, [0x04] = {8, false},
        [0x0a] = {2, true},  [0x0b] = {4, true},  [0x0c] = {8, true},
    };
    uint64_t address = c->address + c->at;
    unsigned how = encoding & STORED, relative = encoding & RELATIVE;
    if (how >= sizeof stored / sizeof stored[0] || stored[how].size == 0 ||
        (encoding & INDIRECT) != 0 || (relative != 0 && relative != TO_ITSELF)) {
        c->bad = true;
        return 0;
    }
    uint64_t v = take(c, stored[how].size);
    if (stored[how].is_signed && stored[how].size < 8) {
        uint64_t sign = 1ull << (8 * stored[how].size - 1);
        v = (v ^ sign) - sign;
    }
    return relative == TO_ITSELF ? v + address : v;
}

/* The record at `offset`, up to what a CIE or the beginning of an FDE can be long; at its id. */
static bool open_record(struct file_window *w, const struct elf_layout *elf, uint64_t offset,
                        struct cursor *ret, uint64_t *ret_size)
{
    enum { ENOUGH = 128, LENGTH = 4, EXTENDED = 0xfffffff0u };
    const uint8_t *p = file_window_at(w, offset, LENGTH);
    uint64_t address;
    if (p == NULL)
        return false;
    uint32_t size = file_u32(p);
    if (size < 4 || size >= EXTENDED || !elf_address(elf, offset, &address))
        return false;
    size_t len = size < ENOUGH ? size : ENOUGH;
    p = file_window_at(w, offset + LENGTH, len);
    if (p == NULL)
        return false;
    *ret = (struct cursor){.p = p, .len = len, .address = address + LENGTH};
    *ret_size = LENGTH + (uint64_t)size;
    return true;
}

/* What the augmentation of a CIE says of FDEs, c being behind its string. */
static bool read_augmentation(struct cursor *c, const char *letters, uint8_t *ret)
{
    skip_leb128(c);
    for (; *letters != '\0' && !c->bad; letters++)
        switch (*letters) {
        case 'R':
            *ret = (uint8_t)take(c, 1);
            return !c->bad;
        case 'L':
            take(c, 1);
            break;
        case 'P':
            /* Where the handler is found does not matter, only how long that is. */
            take_encoded(c, (uint8_t)take(c, 1) & STORED);
            break;
        case 'S':
        case 'B':
            break;
        default:
            return false;
        }
    *ret = 0;
    return !c->bad;
}

/* How the FDEs of the CIE at `offset` are encoded. */
static bool read_cie(struct file_window *w, const struct elf_layout *elf, uint64_t offset,
                     uint8_t *ret)
{
    struct cursor c;
    uint64_t size;
    char letters[8];
    size_t n = 0;
    if (!open_record(w, elf, offset, &c, &size) || take(&c, 4) != 0)
        return false;
    uint64_t version = take(&c, 1);
    if (c.bad || (version != 1 && version != 3))
        return false;
    do
        letters[n] = (char)take(&c, 1);
    while (letters[n] != '\0' && ++n < sizeof letters);
    if (c.bad || n == sizeof letters)
        return false;
    skip_leb128(&c); /* code alignment */
    skip_leb128(&c); /* data alignment */
    if (version == 1)
        take(&c, 1); /* the register of the return address */
    else
        skip_leb128(&c);
    if (letters[0] != 'z') {
        *ret = 0;
        return letters[0] == '\0' && !c.bad;
    }
    return read_augmentation(&c, letters + 1, ret);
}

static bool know_cie(struct file_window *w, const struct elf_layout *elf, uint64_t offset,
                     struct known_cie *known)
{
    uint8_t encoding;
    if (known->offset == offset && offset != 0)
        return true;
    if (!read_cie(w, elf, offset, &encoding))
        return false;
    *known = (struct known_cie){offset, encoding};
    return true;
}

/* The function of the FDE at `offset`; false: it is a CIE, or broken. */
static bool read_fde(struct file_window *w, const struct elf_layout *elf, uint64_t offset,
                     struct known_cie *cie, struct file_function *ret)
{
    struct cursor c;
    uint64_t size;
    if (!open_record(w, elf, offset, &c, &size))
        return false;
    uint64_t back = take(&c, 4);
    if (back == 0 || back > offset + 4 || !know_cie(w, elf, offset + 4 - back, cie))
        return false;
    /* the CIE may have moved the window */
    if (cie->encoding == OMITTED || !open_record(w, elf, offset, &c, &size))
        return false;
    take(&c, 4);
    uint64_t address = take_encoded(&c, cie->encoding);
    ret->size = take_encoded(&c, cie->encoding & 0x07); /* unsigned */
    return !c.bad && elf_offset(elf, address, &ret->offset);
}

static uint64_t start_in_pair(const uint8_t *pair)
{
    return (uint64_t)(int64_t)(int32_t)file_u32(pair);
}

bool unwind_table_open(struct file_window *w, const struct elf_layout *elf,
                       struct unwind_table *ret)
{
    enum { HEAD = 12 };
    const struct file_span *hdr = &elf->unwind_index;
    uint64_t address;
    const uint8_t *p = hdr->size >= HEAD ? file_window_at(w, hdr->offset, HEAD) : NULL;
    if (p == NULL || p[0] != VERSION || p[2] != COUNT_4_BYTES || p[3] != SORTED_PAIRS)
        return false;
    static const uint8_t eh_frame_4_bytes = 0x1b;
    uint32_t n = file_u32(p + 8);
    if (p[1] != eh_frame_4_bytes || n == 0 || n > (hdr->size - HEAD) / PAIR ||
        !elf_address(elf, hdr->offset, &address))
        return false;
    const struct file_span pairs = {hdr->offset + HEAD, (uint64_t)n * PAIR};
    sorted_table_open(&ret->index, w->file, pairs, PAIR, start_in_pair, address);
    ret->cie = (struct known_cie){0};
    return true;
}

bool unwind_table_find(struct file_window *w, const struct elf_layout *elf,
                       struct unwind_table *table, uint64_t offset, struct file_function *ret)
{
    uint64_t i, address, fde;
    if (!elf_address(elf, offset, &address) || !sorted_table_find(&table->index, address, &i))
        return false;
    const uint8_t *pair = sorted_table_entry(&table->index, i);
    return pair != NULL &&
           elf_offset(elf, table->index.base + start_in_pair(pair + PAIR / 2), &fde) &&
           read_fde(w, elf, fde, &table->cie, ret) && ret->offset <= offset &&
           offset - ret->offset < ret->size;
}

void unwind_table_each(struct file_window *w, const struct elf_layout *elf, file_function_fn *each,
                       void *ctx)
{
    struct cursor c;
    struct file_function function;
    struct known_cie cie = {0};
    uint64_t size;
    for (uint64_t at = 0; at < elf->unwind.size; at += size) {
        uint64_t offset = elf->unwind.offset + at;
        if (!open_record(w, elf, offset, &c, &size))
            return;
        if (read_fde(w, elf, offset, &cie, &function))
            each(ctx, &function);
    }
}
