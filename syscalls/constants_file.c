/* Constants of calls on files, names and mounts. */
#include "constants.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/stat.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <unistd.h>

/* clang-format off */
static const struct constant open_flags_v[] = {
    C_OF(O_ACCMODE, O_RDONLY), C_OF(O_ACCMODE, O_WRONLY), C_OF(O_ACCMODE, O_RDWR),
    C_OF(O_ACCMODE, O_ACCMODE),
    C(O_CREAT), C(O_EXCL), C(O_NOCTTY), C(O_TRUNC), C(O_APPEND), C(O_NONBLOCK), C(O_SYNC), C(O_DSYNC),
    C(O_ASYNC), C(O_DIRECT), N(0100000, "O_LARGEFILE"), C(O_NOFOLLOW), C(O_NOATIME), C(O_CLOEXEC),
    C(O_PATH), C(O_TMPFILE), C(O_DIRECTORY), N(0x4000000, "__O_NONOTIFY"),
};
FLAG_SET(open_flags, "O")

static const struct constant nonblock_only_v[] = {C(O_NONBLOCK)};
FLAG_SET(nonblock_only, "O")

/* Where there is no way to access: dup3, pipe2. */
static const struct constant open_flags_bare_v[] = {
    C(O_APPEND), C(O_NONBLOCK), C(O_DIRECT), C(O_CLOEXEC), C(O_EXCL),
};
FLAG_SET(open_flags_bare, "O")

static const struct constant access_mode_v[] = {C_IS(F_OK), C(R_OK), C(W_OK), C(X_OK)};
FLAG_SET(access_mode, "?_OK")

static const struct constant at_flags_v[] = {
    C(AT_SYMLINK_NOFOLLOW), N(0x200, "AT_REMOVEDIR"), C(AT_SYMLINK_FOLLOW), C(AT_NO_AUTOMOUNT),
    C(AT_EMPTY_PATH), N(0x8000, "AT_RECURSIVE"), N(0x10000, "AT_EXECVE_CHECK"),
};
FLAG_SET(at_flags, "AT")

static const struct constant unlink_flags_v[] = {C(AT_REMOVEDIR)};
FLAG_SET(unlink_flags, "AT")

static const struct constant access_flags_v[] = {
    N(0x200, "AT_EACCESS"), C(AT_SYMLINK_NOFOLLOW), C(AT_EMPTY_PATH),
};
FLAG_SET(access_flags, "AT")

static const struct constant statx_flags_v[] = {
    N_IS(0, "AT_STATX_SYNC_AS_STAT"),
    {0, 0x6000, "AT_STATX_SYNC_AS_STAT"}, {0x2000, 0x6000, "AT_STATX_FORCE_SYNC"},
    {0x4000, 0x6000, "AT_STATX_DONT_SYNC"},
    C(AT_SYMLINK_NOFOLLOW), N(0x200, "AT_REMOVEDIR"), C(AT_SYMLINK_FOLLOW), C(AT_NO_AUTOMOUNT),
    C(AT_EMPTY_PATH),
};
FLAG_SET(statx_flags, "AT")

static const struct constant statx_mask_v[] = {
    C(STATX_ALL), C(STATX_BASIC_STATS), C(STATX_TYPE), C(STATX_MODE), C(STATX_NLINK), C(STATX_UID),
    C(STATX_GID), C(STATX_ATIME), C(STATX_MTIME), C(STATX_CTIME), C(STATX_INO), C(STATX_SIZE),
    C(STATX_BLOCKS), C(STATX_BTIME), N(0x1000, "STATX_MNT_ID"), N(0x2000, "STATX_DIOALIGN"),
    N(0x4000, "STATX_MNT_ID_UNIQUE"), N(0x8000, "STATX_SUBVOL"), N(0x10000, "STATX_WRITE_ATOMIC"),
};
FLAG_SET(statx_mask, "STATX")

static const struct constant statx_attributes_v[] = {
    N(0x4, "STATX_ATTR_COMPRESSED"), N(0x10, "STATX_ATTR_IMMUTABLE"), N(0x20, "STATX_ATTR_APPEND"),
    N(0x40, "STATX_ATTR_NODUMP"), N(0x800, "STATX_ATTR_ENCRYPTED"), N(0x1000, "STATX_ATTR_AUTOMOUNT"),
    N(0x2000, "STATX_ATTR_MOUNT_ROOT"), N(0x100000, "STATX_ATTR_VERITY"), N(0x200000, "STATX_ATTR_DAX"),
    N(0x400000, "STATX_ATTR_WRITE_ATOMIC"),
};
FLAG_SET(statx_attributes, "STATX_ATTR")

static const struct constant rename_flags_v[] = {
    N(1, "RENAME_NOREPLACE"), N(2, "RENAME_EXCHANGE"), N(4, "RENAME_WHITEOUT"),
};
FLAG_SET(rename_flags, "RENAME")

static const struct constant resolve_v[] = {
    N(1, "RESOLVE_NO_XDEV"), N(2, "RESOLVE_NO_MAGICLINKS"), N(4, "RESOLVE_NO_SYMLINKS"),
    N(8, "RESOLVE_BENEATH"), N(0x10, "RESOLVE_IN_ROOT"), N(0x20, "RESOLVE_CACHED"),
};
FLAG_SET(resolve, "RESOLVE")

static const struct constant whence_v[] = {
    C_IS(SEEK_SET), C_IS(SEEK_CUR), C_IS(SEEK_END), C_IS(SEEK_DATA), C_IS(SEEK_HOLE),
};
ENUM_SET(whence, "SEEK")

static const struct constant fadvice_v[] = {
    C_IS(POSIX_FADV_NORMAL), C_IS(POSIX_FADV_RANDOM), C_IS(POSIX_FADV_SEQUENTIAL),
    C_IS(POSIX_FADV_WILLNEED), C_IS(POSIX_FADV_DONTNEED), C_IS(POSIX_FADV_NOREUSE),
};
ENUM_SET(fadvice, "POSIX_FADV")

static const struct constant falloc_mode_v[] = {
    C(FALLOC_FL_KEEP_SIZE), C(FALLOC_FL_PUNCH_HOLE), N(4, "FALLOC_FL_NO_HIDE_STALE"),
    C(FALLOC_FL_COLLAPSE_RANGE), C(FALLOC_FL_ZERO_RANGE), C(FALLOC_FL_INSERT_RANGE),
    C(FALLOC_FL_UNSHARE_RANGE),
};
FLAG_SET(falloc_mode, "FALLOC_FL")

static const struct constant sync_range_v[] = {
    C(SYNC_FILE_RANGE_WAIT_BEFORE), C(SYNC_FILE_RANGE_WRITE), C(SYNC_FILE_RANGE_WAIT_AFTER),
};
FLAG_SET(sync_range, "SYNC_FILE_RANGE")

static const struct constant rwf_v[] = {
    N(1, "RWF_HIPRI"), N(2, "RWF_DSYNC"), N(4, "RWF_SYNC"), N(8, "RWF_NOWAIT"), N(16, "RWF_APPEND"),
    N(32, "RWF_NOAPPEND"), N(64, "RWF_ATOMIC"), N(128, "RWF_DONTCACHE"),
};
FLAG_SET(rwf, "RWF")

static const struct constant splice_flags_v[] = {
    C(SPLICE_F_MOVE), C(SPLICE_F_NONBLOCK), C(SPLICE_F_MORE), C(SPLICE_F_GIFT),
};
FLAG_SET(splice_flags, "SPLICE_F")

static const struct constant close_range_flags_v[] = {
    N(2, "CLOSE_RANGE_UNSHARE"), N(4, "CLOSE_RANGE_CLOEXEC"),
};
FLAG_SET(close_range_flags, "CLOSE_RANGE")

static const struct constant fd_flags_v[] = {C(FD_CLOEXEC)};
FLAG_SET(fd_flags, "FD")

static const struct constant lock_type_v[] = {C_IS(F_RDLCK), C_IS(F_WRLCK), C_IS(F_UNLCK)};
ENUM_SET(lock_type, "F")

static const struct constant flock_op_v[] = {
    C(LOCK_SH), C(LOCK_EX), C(LOCK_NB), C(LOCK_UN),
};
FLAG_SET(flock_op, "LOCK")

static const struct constant owner_type_v[] = {
    C_IS(F_OWNER_TID), C_IS(F_OWNER_PID), C_IS(F_OWNER_PGRP),
};
ENUM_SET(owner_type, "F_OWNER")

static const struct constant seals_v[] = {
    C(F_SEAL_SEAL), C(F_SEAL_SHRINK), C(F_SEAL_GROW), C(F_SEAL_WRITE), N(0x10, "F_SEAL_FUTURE_WRITE"),
    N(0x20, "F_SEAL_EXEC"),
};
FLAG_SET(seals, "F_SEAL")

static const struct constant memfd_flags_v[] = {
    N(1, "MFD_CLOEXEC"), N(2, "MFD_ALLOW_SEALING"), N(4, "MFD_HUGETLB"), N(8, "MFD_NOEXEC_SEAL"),
    N(16, "MFD_EXEC"),
};
FLAG_SET(memfd_flags, "MFD")

static const struct constant xattr_flags_v[] = {N(1, "XATTR_CREATE"), N(2, "XATTR_REPLACE")};
FLAG_SET(xattr_flags, "XATTR")

static const struct constant fs_magic_v[] = {
    C_IS(EXT2_SUPER_MAGIC), C_IS(TMPFS_MAGIC), C_IS(PROC_SUPER_MAGIC), C_IS(SYSFS_MAGIC),
    C_IS(DEVPTS_SUPER_MAGIC), C_IS(RAMFS_MAGIC), C_IS(BTRFS_SUPER_MAGIC), C_IS(XFS_SUPER_MAGIC),
    C_IS(NFS_SUPER_MAGIC), C_IS(OVERLAYFS_SUPER_MAGIC), C_IS(CGROUP2_SUPER_MAGIC),
    C_IS(CGROUP_SUPER_MAGIC), C_IS(DEBUGFS_MAGIC), C_IS(TRACEFS_MAGIC), C_IS(SECURITYFS_MAGIC),
    C_IS(BPF_FS_MAGIC), C_IS(FUSE_SUPER_MAGIC), C_IS(SQUASHFS_MAGIC), C_IS(HUGETLBFS_MAGIC),
    C_IS(PIPEFS_MAGIC), C_IS(SOCKFS_MAGIC), C_IS(ANON_INODE_FS_MAGIC), C_IS(NSFS_MAGIC),
    C_IS(MSDOS_SUPER_MAGIC), C_IS(ISOFS_SUPER_MAGIC), C_IS(F2FS_SUPER_MAGIC), C_IS(SELINUX_MAGIC),
    C_IS(AUTOFS_SUPER_MAGIC), C_IS(EFIVARFS_MAGIC), C_IS(PSTOREFS_MAGIC), C_IS(V9FS_MAGIC),
    C_IS(BINFMTFS_MAGIC), N_IS(0x19800202, "MQUEUE_MAGIC"), N_IS(0x62656572, "CONFIGFS_MAGIC"),
};
ENUM_SET(fs_magic, "MAGIC")

static const struct constant st_flags_v[] = {
    N(0x20, "ST_VALID"), N(1, "ST_RDONLY"), N(2, "ST_NOSUID"), N(4, "ST_NODEV"), N(8, "ST_NOEXEC"),
    N(16, "ST_SYNCHRONOUS"), N(64, "ST_MANDLOCK"), N(0x400, "ST_NOATIME"), N(0x800, "ST_NODIRATIME"),
    N(0x1000, "ST_RELATIME"), N(0x2000, "ST_NOSYMFOLLOW"),
};
FLAG_SET(st_flags, "ST")

static const struct constant mount_flags_v[] = {
    {0xc0ed0000, 0xffff0000, "MS_MGC_VAL"},
    N(1, "MS_RDONLY"), N(2, "MS_NOSUID"), N(4, "MS_NODEV"), N(8, "MS_NOEXEC"), N(16, "MS_SYNCHRONOUS"),
    N(32, "MS_REMOUNT"), N(64, "MS_MANDLOCK"), N(128, "MS_DIRSYNC"), N(256, "MS_NOSYMFOLLOW"),
    N(1024, "MS_NOATIME"), N(2048, "MS_NODIRATIME"), N(4096, "MS_BIND"), N(8192, "MS_MOVE"),
    N(16384, "MS_REC"), N(32768, "MS_SILENT"), N(1 << 16, "MS_POSIXACL"), N(1 << 17, "MS_UNBINDABLE"),
    N(1 << 18, "MS_PRIVATE"), N(1 << 19, "MS_SLAVE"), N(1 << 20, "MS_SHARED"), N(1 << 21, "MS_RELATIME"),
    N(1 << 22, "MS_KERNMOUNT"), N(1 << 23, "MS_I_VERSION"), N(1 << 24, "MS_STRICTATIME"),
    N(1 << 25, "MS_LAZYTIME"),
};
FLAG_SET(mount_flags, "MS")

static const struct constant umount_flags_v[] = {
    N(1, "MNT_FORCE"), N(2, "MNT_DETACH"), N(4, "MNT_EXPIRE"), N(8, "UMOUNT_NOFOLLOW"),
};
FLAG_SET(umount_flags, "MNT")

static const struct constant fsopen_flags_v[] = {N(1, "FSOPEN_CLOEXEC")};
FLAG_SET(fsopen_flags, "FSOPEN")

static const struct constant fsmount_flags_v[] = {N(1, "FSMOUNT_CLOEXEC")};
FLAG_SET(fsmount_flags, "FSMOUNT")

static const struct constant mount_attrs_v[] = {
    N(1, "MOUNT_ATTR_RDONLY"), N(2, "MOUNT_ATTR_NOSUID"), N(4, "MOUNT_ATTR_NODEV"),
    N(8, "MOUNT_ATTR_NOEXEC"), {0, 0x70, "MOUNT_ATTR_RELATIME"}, {0x10, 0x70, "MOUNT_ATTR_NOATIME"},
    {0x20, 0x70, "MOUNT_ATTR_STRICTATIME"}, N(0x80, "MOUNT_ATTR_NODIRATIME"),
    N(0x100000, "MOUNT_ATTR_IDMAP"), N(0x200000, "MOUNT_ATTR_NOSYMFOLLOW"),
};
FLAG_SET(mount_attrs, "MOUNT_ATTR")

static const struct constant open_tree_flags_v[] = {
    N(1, "OPEN_TREE_CLONE"), N(02000000, "OPEN_TREE_CLOEXEC"), N(0x8000, "AT_RECURSIVE"),
    C(AT_SYMLINK_NOFOLLOW), C(AT_NO_AUTOMOUNT), C(AT_EMPTY_PATH),
};
FLAG_SET(open_tree_flags, "OPEN_TREE")

static const struct constant move_mount_flags_v[] = {
    N(1, "MOVE_MOUNT_F_SYMLINKS"), N(2, "MOVE_MOUNT_F_AUTOMOUNTS"), N(4, "MOVE_MOUNT_F_EMPTY_PATH"),
    N(0x10, "MOVE_MOUNT_T_SYMLINKS"), N(0x20, "MOVE_MOUNT_T_AUTOMOUNTS"),
    N(0x40, "MOVE_MOUNT_T_EMPTY_PATH"), N(0x100, "MOVE_MOUNT_SET_GROUP"), N(0x200, "MOVE_MOUNT_BENEATH"),
};
FLAG_SET(move_mount_flags, "MOVE_MOUNT")

static const struct constant inotify_flags_v[] = {
    N(04000, "IN_NONBLOCK"), N(02000000, "IN_CLOEXEC"),
};
FLAG_SET(inotify_flags, "IN")

static const struct constant inotify_mask_v[] = {
    {0xfff, 0xfff, "IN_ALL_EVENTS"}, N(1, "IN_ACCESS"), N(2, "IN_MODIFY"), N(4, "IN_ATTRIB"),
    N(8, "IN_CLOSE_WRITE"), N(0x10, "IN_CLOSE_NOWRITE"), N(0x20, "IN_OPEN"), N(0x40, "IN_MOVED_FROM"),
    N(0x80, "IN_MOVED_TO"), N(0x100, "IN_CREATE"), N(0x200, "IN_DELETE"), N(0x400, "IN_DELETE_SELF"),
    N(0x800, "IN_MOVE_SELF"), N(0x2000, "IN_UNMOUNT"), N(0x4000, "IN_Q_OVERFLOW"),
    N(0x8000, "IN_IGNORED"), N(0x1000000, "IN_ONLYDIR"), N(0x2000000, "IN_DONT_FOLLOW"),
    N(0x4000000, "IN_EXCL_UNLINK"), N(0x10000000, "IN_MASK_CREATE"), N(0x20000000, "IN_MASK_ADD"),
    N(0x40000000, "IN_ISDIR"), N(0x80000000, "IN_ONESHOT"),
};
FLAG_SET(inotify_mask, "IN")

static const struct constant fanotify_init_v[] = {
    {0, 0xc, "FAN_CLASS_NOTIF"}, {4, 0xc, "FAN_CLASS_CONTENT"}, {8, 0xc, "FAN_CLASS_PRE_CONTENT"},
    N(1, "FAN_CLOEXEC"), N(2, "FAN_NONBLOCK"), N(0x10, "FAN_UNLIMITED_QUEUE"),
    N(0x20, "FAN_UNLIMITED_MARKS"), N(0x40, "FAN_ENABLE_AUDIT"), N(0x80, "FAN_REPORT_PIDFD"),
    N(0x100, "FAN_REPORT_TID"), N(0x200, "FAN_REPORT_FID"), N(0x400, "FAN_REPORT_DIR_FID"),
    N(0x800, "FAN_REPORT_NAME"), N(0x1000, "FAN_REPORT_TARGET_FID"),
};
FLAG_SET(fanotify_init, "FAN")

static const struct constant fanotify_mark_v[] = {
    N(1, "FAN_MARK_ADD"), N(2, "FAN_MARK_REMOVE"), N(4, "FAN_MARK_DONT_FOLLOW"),
    N(8, "FAN_MARK_ONLYDIR"), N(0x10, "FAN_MARK_MOUNT"), N(0x20, "FAN_MARK_IGNORED_MASK"),
    N(0x40, "FAN_MARK_IGNORED_SURV_MODIFY"), N(0x80, "FAN_MARK_FLUSH"), N(0x100, "FAN_MARK_FILESYSTEM"),
    N(0x200, "FAN_MARK_EVICTABLE"), N(0x400, "FAN_MARK_IGNORE"),
};
FLAG_SET(fanotify_mark, "FAN_MARK")

static const struct constant fanotify_mask_v[] = {
    N(1, "FAN_ACCESS"), N(2, "FAN_MODIFY"), N(4, "FAN_ATTRIB"), N(8, "FAN_CLOSE_WRITE"),
    N(0x10, "FAN_CLOSE_NOWRITE"), N(0x20, "FAN_OPEN"), N(0x40, "FAN_MOVED_FROM"),
    N(0x80, "FAN_MOVED_TO"), N(0x100, "FAN_CREATE"), N(0x200, "FAN_DELETE"), N(0x400, "FAN_DELETE_SELF"),
    N(0x800, "FAN_MOVE_SELF"), N(0x1000, "FAN_OPEN_EXEC"), N(0x4000, "FAN_Q_OVERFLOW"),
    N(0x8000, "FAN_FS_ERROR"), N(0x10000, "FAN_OPEN_PERM"), N(0x20000, "FAN_ACCESS_PERM"),
    N(0x40000, "FAN_OPEN_EXEC_PERM"), N(0x08000000, "FAN_EVENT_ON_CHILD"), N(0x10000000, "FAN_RENAME"),
    N(0x40000000, "FAN_ONDIR"),
};
FLAG_SET(fanotify_mask, "FAN")
/* clang-format on */
