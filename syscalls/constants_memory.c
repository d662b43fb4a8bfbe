/* Constants of calls on memory. */
#include "constants.h"

#include <linux/mman.h>
#include <sys/mman.h>

/* clang-format off */
static const struct constant prot_v[] = {
    C_IS(PROT_NONE), C(PROT_READ), C(PROT_WRITE), C(PROT_EXEC), N(8, "PROT_SEM"), C(PROT_GROWSDOWN),
    C(PROT_GROWSUP),
};
FLAG_SET(prot, "PROT")

static const struct constant map_flags_v[] = {
    C_OF(0xf, MAP_SHARED), C_OF(0xf, MAP_PRIVATE), {3, 0xf, "MAP_SHARED_VALIDATE"},
    C(MAP_FIXED), C(MAP_ANONYMOUS), N(0x40, "MAP_32BIT"), C(MAP_NORESERVE), C(MAP_POPULATE),
    C(MAP_NONBLOCK), C(MAP_GROWSDOWN), C(MAP_DENYWRITE), C(MAP_EXECUTABLE), C(MAP_LOCKED), C(MAP_STACK),
    C(MAP_HUGETLB), N(0x80000, "MAP_SYNC"), N(0x100000, "MAP_FIXED_NOREPLACE"),
};
FLAG_SET(map_flags, "MAP")

static const struct constant mremap_flags_v[] = {
    C(MREMAP_MAYMOVE), C(MREMAP_FIXED), N(4, "MREMAP_DONTUNMAP"),
};
FLAG_SET(mremap_flags, "MREMAP")

static const struct constant msync_flags_v[] = {C(MS_ASYNC), C(MS_INVALIDATE), C(MS_SYNC)};
FLAG_SET(msync_flags, "MS")

static const struct constant madvice_v[] = {
    C_IS(MADV_NORMAL), C_IS(MADV_RANDOM), C_IS(MADV_SEQUENTIAL), C_IS(MADV_WILLNEED), C_IS(MADV_DONTNEED),
    C_IS(MADV_FREE), C_IS(MADV_REMOVE), C_IS(MADV_DONTFORK), C_IS(MADV_DOFORK), C_IS(MADV_MERGEABLE),
    C_IS(MADV_UNMERGEABLE), C_IS(MADV_HUGEPAGE), C_IS(MADV_NOHUGEPAGE), C_IS(MADV_DONTDUMP),
    C_IS(MADV_DODUMP), C_IS(MADV_WIPEONFORK), C_IS(MADV_KEEPONFORK), N_IS(20, "MADV_COLD"),
    N_IS(21, "MADV_PAGEOUT"), N_IS(22, "MADV_POPULATE_READ"), N_IS(23, "MADV_POPULATE_WRITE"),
    N_IS(24, "MADV_DONTNEED_LOCKED"), N_IS(25, "MADV_COLLAPSE"), N_IS(100, "MADV_HWPOISON"),
    N_IS(101, "MADV_SOFT_OFFLINE"), N_IS(102, "MADV_GUARD_INSTALL"), N_IS(103, "MADV_GUARD_REMOVE"),
};
ENUM_SET(madvice, "MADV")

static const struct constant mlock_flags_v[] = {N(1, "MLOCK_ONFAULT")};
FLAG_SET(mlock_flags, "MLOCK")

static const struct constant mlockall_flags_v[] = {C(MCL_CURRENT), C(MCL_FUTURE), N(4, "MCL_ONFAULT")};
FLAG_SET(mlockall_flags, "MCL")

static const struct constant membarrier_v[] = {
    N_IS(0, "MEMBARRIER_CMD_QUERY"), N(1, "MEMBARRIER_CMD_GLOBAL"),
    N(2, "MEMBARRIER_CMD_GLOBAL_EXPEDITED"), N(4, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED"),
    N(8, "MEMBARRIER_CMD_PRIVATE_EXPEDITED"), N(16, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED"),
    N(32, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE"),
    N(64, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE"),
    N(128, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ"),
    N(256, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ"),
    N(512, "MEMBARRIER_CMD_GET_REGISTRATIONS"),
};
FLAG_SET(membarrier, "MEMBARRIER_CMD")

static const struct constant mempolicy_v[] = {
    N_IS(0, "MPOL_DEFAULT"), N_IS(1, "MPOL_PREFERRED"), N_IS(2, "MPOL_BIND"), N_IS(3, "MPOL_INTERLEAVE"),
    N_IS(4, "MPOL_LOCAL"), N_IS(5, "MPOL_PREFERRED_MANY"), N_IS(6, "MPOL_WEIGHTED_INTERLEAVE"),
};
ENUM_SET(mempolicy, "MPOL")

static const struct constant mbind_flags_v[] = {
    N(1, "MPOL_MF_STRICT"), N(2, "MPOL_MF_MOVE"), N(4, "MPOL_MF_MOVE_ALL"),
};
FLAG_SET(mbind_flags, "MPOL")

static const struct constant get_mempolicy_flags_v[] = {
    N(1, "MPOL_F_NODE"), N(2, "MPOL_F_ADDR"), N(4, "MPOL_F_MEMS_ALLOWED"),
};
FLAG_SET(get_mempolicy_flags, "MPOL")

static const struct constant pkey_rights_v[] = {N(1, "PKEY_DISABLE_ACCESS"), N(2, "PKEY_DISABLE_WRITE")};
FLAG_SET(pkey_rights, "PKEY")
/* clang-format on */
