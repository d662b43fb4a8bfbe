/* The fields of the kernel's structs on x86-64, as they lie in memory. */
#include "struct_types.h"

#include <linux/openat2.h>
#include <linux/stat.h>
#include <linux/sysinfo.h>
#include <signal.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/timex.h>

/* F(member, TYPE, when...): a member of S; A: the same, an array. */
#define MEMBER_SIZE(member) sizeof(((S *)0)->member)
#define F(member, type_, ...)                                                                      \
    {                                                                                              \
        .name = #member, .offset = offsetof(S, member), .size = MEMBER_SIZE(member),               \
        .type = TYPE_##type_, __VA_ARGS__                                                          \
    }
/* One that the headers call otherwise, or of a struct that they lack. */
#define AT(offset_, size_, name_, type_, ...)                                                      \
    {                                                                                              \
        .name = name_, .offset = (offset_), .size = (size_), .type = TYPE_##type_, __VA_ARGS__     \
    }
#define VERBOSE .when = FIELD_VERBOSE
#define IF_SET  .when = FIELD_SET

#define STRUCT(id, name_, size_)                                                                   \
    const struct struct_type struct_##id = {name_, (size_), id##_fields,                           \
                                            sizeof(id##_fields) / sizeof(id##_fields[0])};

/* clang-format off */

/* ---- Time ---- */
static const struct struct_field timespec_fields[] = {
    AT(0, 8, "tv_sec", LONG), AT(8, 8, "tv_nsec", LONG),
};
STRUCT(timespec, "struct timespec", 16)

static const struct struct_field timeval_fields[] = {
    AT(0, 8, "tv_sec", LONG), AT(8, 8, "tv_usec", LONG),
};
STRUCT(timeval, "struct timeval", 16)

static const struct struct_field timezone_fields[] = {
    AT(0, 4, "tz_minuteswest", INT), AT(4, 4, "tz_dsttime", INT),
};
STRUCT(timezone, "struct timezone", 8)

static const struct struct_field itimerspec_fields[] = {
    AT(0, 16, "it_interval", TIMESPEC), AT(16, 16, "it_value", TIMESPEC),
};
STRUCT(itimerspec, "struct itimerspec", 32)

static const struct struct_field itimerval_fields[] = {
    AT(0, 16, "it_interval", TIMEVAL), AT(16, 16, "it_value", TIMEVAL),
};
STRUCT(itimerval, "struct itimerval", 32)

static const struct struct_field utimbuf_fields[] = {
    AT(0, 8, "actime", SECONDS), AT(8, 8, "modtime", SECONDS),
};
STRUCT(utimbuf, "struct utimbuf", 16)

#define S struct timex
static const struct struct_field timex_fields[] = {
    F(modes, ADJTIME_MODES), F(offset, LONG), F(freq, LONG), F(maxerror, LONG), F(esterror, LONG),
    F(status, TIME_STATUS), F(constant, LONG), F(precision, LONG), F(tolerance, LONG), F(time, TIMEVAL),
    F(tick, LONG), F(ppsfreq, LONG), F(jitter, LONG), F(shift, INT), F(stabil, LONG), F(jitcnt, LONG),
    F(calcnt, LONG), F(errcnt, LONG), F(stbcnt, LONG), F(tai, INT),
};
STRUCT(timex, "struct timex", sizeof(S))
#undef S

/* ---- Files ---- */
#define S struct stat
static const struct struct_field stat_fields[] = {
    F(st_dev, DEV, VERBOSE), F(st_ino, UINT, VERBOSE), F(st_mode, FILE_MODE), F(st_nlink, UINT, VERBOSE),
    F(st_uid, ID, VERBOSE), F(st_gid, ID, VERBOSE), F(st_blksize, UINT, VERBOSE),
    F(st_blocks, UINT, VERBOSE), F(st_size, UINT, .when = FIELD_NO_DEVICE),
    F(st_rdev, DEV, .when = FIELD_DEVICE),
    AT(offsetof(S, st_atim), 8, "st_atime", SECONDS, VERBOSE), AT(offsetof(S, st_atim) + 8, 8, "st_atime_nsec", UINT, VERBOSE),
    AT(offsetof(S, st_mtim), 8, "st_mtime", SECONDS, VERBOSE), AT(offsetof(S, st_mtim) + 8, 8, "st_mtime_nsec", UINT, VERBOSE),
    AT(offsetof(S, st_ctim), 8, "st_ctime", SECONDS, VERBOSE), AT(offsetof(S, st_ctim) + 8, 8, "st_ctime_nsec", UINT, VERBOSE),
};
STRUCT(stat, "struct stat", sizeof(S))
#undef S

static const struct struct_field statx_timestamp_fields[] = {
    AT(0, 8, "tv_sec", LONG), AT(8, 4, "tv_nsec", UINT),
};
STRUCT(statx_timestamp, "struct statx_timestamp", 16)

#define S struct statx
static const struct struct_field statx_fields[] = {
    F(stx_mask, STATX_MASK), F(stx_blksize, UINT, VERBOSE), F(stx_attributes, STATX_ATTRIBUTES),
    F(stx_nlink, UINT, VERBOSE), F(stx_uid, ID, VERBOSE), F(stx_gid, ID, VERBOSE),
    F(stx_mode, FILE_MODE), F(stx_ino, UINT, VERBOSE), F(stx_size, UINT), F(stx_blocks, UINT, VERBOSE),
    F(stx_attributes_mask, STATX_ATTRIBUTES, VERBOSE), F(stx_atime, STATX_TIME, VERBOSE),
    F(stx_btime, STATX_TIME, VERBOSE), F(stx_ctime, STATX_TIME, VERBOSE),
    F(stx_mtime, STATX_TIME, VERBOSE), F(stx_rdev_major, UINT, VERBOSE), F(stx_rdev_minor, UINT, VERBOSE),
    F(stx_dev_major, UINT, VERBOSE), F(stx_dev_minor, UINT, VERBOSE), AT(0x90, 8, "stx_mnt_id", HEX, VERBOSE),
};
STRUCT(statx, "struct statx", 256)
#undef S

static const struct struct_field fsid_fields[] = {AT(0, 4, "val", HEX, .count = 2)};
STRUCT(fsid, "fsid_t", 8)

#define S struct statfs
static const struct struct_field statfs_fields[] = {
    F(f_type, FS_MAGIC), F(f_bsize, UINT), F(f_blocks, UINT), F(f_bfree, UINT), F(f_bavail, UINT),
    F(f_files, UINT), F(f_ffree, UINT), F(f_fsid, FSID), F(f_namelen, UINT), F(f_frsize, UINT),
    F(f_flags, ST_FLAGS),
};
STRUCT(statfs, "struct statfs", sizeof(S))
#undef S

static const struct struct_field ustat_fields[] = {
    AT(0, 4, "f_tfree", INT), AT(8, 8, "f_tinode", UINT), AT(16, 6, "f_fname", CHARS),
    AT(22, 6, "f_fpack", CHARS),
};
STRUCT(ustat, "struct ustat", 32)

static const struct struct_field open_how_fields[] = {
    AT(0, 8, "flags", OPEN_FLAGS), AT(8, 8, "mode", CREAT_MODE, IF_SET), AT(16, 8, "resolve", RESOLVE),
};
STRUCT(open_how, "struct open_how", 24)

static const struct struct_field flock_fields[] = {
    AT(0, 2, "l_type", LOCK_TYPE), AT(2, 2, "l_whence", WHENCE), AT(8, 8, "l_start", LONG),
    AT(16, 8, "l_len", LONG),
};
STRUCT(flock, "struct flock", 32)

/* As it comes back. */
static const struct struct_field flock_got_fields[] = {
    AT(0, 2, "l_type", LOCK_TYPE), AT(2, 2, "l_whence", WHENCE), AT(8, 8, "l_start", LONG),
    AT(16, 8, "l_len", LONG),      AT(24, 4, "l_pid", PID),
};
STRUCT(flock_got, "struct flock", 32)

static const struct struct_field owner_ex_fields[] = {
    AT(0, 4, "type", OWNER_TYPE), AT(4, 4, "pid", PID),
};
STRUCT(owner_ex, "struct f_owner_ex", 8)

static const struct struct_field cachestat_range_fields[] = {AT(0, 8, "off", UINT), AT(8, 8, "len", UINT)};
STRUCT(cachestat_range, "struct cachestat_range", 16)

static const struct struct_field cachestat_fields[] = {
    AT(0, 8, "nr_cache", UINT), AT(8, 8, "nr_dirty", UINT), AT(16, 8, "nr_writeback", UINT),
    AT(24, 8, "nr_evicted", UINT), AT(32, 8, "nr_recently_evicted", UINT),
};
STRUCT(cachestat, "struct cachestat", 40)

static const struct struct_field mount_attr_fields[] = {
    AT(0, 8, "attr_set", MOUNT_ATTRS), AT(8, 8, "attr_clr", MOUNT_ATTRS), AT(16, 8, "propagation", MOUNT_FLAGS),
    AT(24, 8, "userns_fd", FD),
};
STRUCT(mount_attr, "struct mount_attr", 32)

/* ---- Processes ---- */
static const struct struct_field rlimit_fields[] = {
    AT(0, 8, "rlim_cur", WIDE_LIMIT), AT(8, 8, "rlim_max", WIDE_LIMIT),
};
STRUCT(rlimit, "struct rlimit64", 16)

#define S struct rusage
static const struct struct_field rusage_fields[] = {
    F(ru_utime, TIMEVAL), F(ru_stime, TIMEVAL), AT(32, 8, "ru_maxrss", UINT, VERBOSE),
    AT(40, 8, "ru_ixrss", UINT, VERBOSE), AT(48, 8, "ru_idrss", UINT, VERBOSE),
    AT(56, 8, "ru_isrss", UINT, VERBOSE), AT(64, 8, "ru_minflt", UINT, VERBOSE),
    AT(72, 8, "ru_majflt", UINT, VERBOSE), AT(80, 8, "ru_nswap", UINT, VERBOSE),
    AT(88, 8, "ru_inblock", UINT, VERBOSE), AT(96, 8, "ru_oublock", UINT, VERBOSE),
    AT(104, 8, "ru_msgsnd", UINT, VERBOSE), AT(112, 8, "ru_msgrcv", UINT, VERBOSE),
    AT(120, 8, "ru_nsignals", UINT, VERBOSE), AT(128, 8, "ru_nvcsw", UINT, VERBOSE),
    AT(136, 8, "ru_nivcsw", UINT, VERBOSE),
};
STRUCT(rusage, "struct rusage", 144)
#undef S

static const struct struct_field tms_fields[] = {
    AT(0, 8, "tms_utime", LONG), AT(8, 8, "tms_stime", LONG), AT(16, 8, "tms_cutime", LONG),
    AT(24, 8, "tms_cstime", LONG),
};
STRUCT(tms, "struct tms", 32)

static const struct struct_field cap_header_fields[] = {
    AT(0, 4, "version", CAP_VERSION), AT(4, 4, "pid", PID),
};
STRUCT(cap_header, "struct __user_cap_header_struct", 8)

static const struct struct_field sched_attr_fields[] = {
    AT(0, 4, "size", UINT), AT(4, 4, "sched_policy", SCHED_POLICY), AT(8, 8, "sched_flags", SCHED_FLAGS),
    AT(16, 4, "sched_nice", INT), AT(20, 4, "sched_priority", UINT), AT(24, 8, "sched_runtime", UINT),
    AT(32, 8, "sched_deadline", UINT), AT(40, 8, "sched_period", UINT),
    AT(48, 4, "sched_util_min", HEX), AT(52, 4, "sched_util_max", HEX),
};
STRUCT(sched_attr, "struct sched_attr", 56)

static const struct struct_field ruleset_attr_fields[] = {AT(0, 8, "handled_access_fs", HEX)};
STRUCT(ruleset_attr, "struct landlock_ruleset_attr", 8)

/* ---- Signals ---- */
static const struct struct_field stack_fields[] = {
    AT(0, 8, "ss_sp", ADDR), AT(8, 4, "ss_flags", STACK_FLAGS), AT(16, 8, "ss_size", UINT),
};
STRUCT(stack, "stack_t", 24)

/* ---- The machine ---- */
static const struct struct_field utsname_fields[] = {
    AT(0, 65, "sysname", CHARS), AT(65, 65, "nodename", CHARS), AT(130, 65, "release", CHARS, VERBOSE),
    AT(195, 65, "version", CHARS, VERBOSE), AT(260, 65, "machine", CHARS, VERBOSE),
    AT(325, 65, "domainname", CHARS, VERBOSE),
};
STRUCT(utsname, "struct new_utsname", 390)

#define S struct sysinfo
static const struct struct_field sysinfo_fields[] = {
    F(uptime, LONG), AT(offsetof(S, loads), 8, "loads", UINT, .count = 3), F(totalram, UINT),
    F(freeram, UINT), F(sharedram, UINT), F(bufferram, UINT), F(totalswap, UINT), F(freeswap, UINT),
    F(procs, UINT), F(totalhigh, UINT), F(freehigh, UINT), F(mem_unit, UINT),
};
STRUCT(sysinfo, "struct sysinfo", sizeof(S))
#undef S

/* ---- Descriptors and sockets ---- */
static const struct struct_field epoll_event_fields[] = {
    AT(0, 4, "events", EPOLL_BITS), AT(4, 8, "data", EPOLL_DATA),
};
STRUCT(epoll_event, "struct epoll_event", 12)

static const struct struct_field winsize_fields[] = {
    AT(0, 2, "ws_row", UINT), AT(2, 2, "ws_col", UINT), AT(4, 2, "ws_xpixel", UINT), AT(6, 2, "ws_ypixel", UINT),
};
STRUCT(winsize, "struct winsize", 8)

static const struct struct_field linger_fields[] = {AT(0, 4, "l_onoff", INT), AT(4, 4, "l_linger", INT)};
STRUCT(linger, "struct linger", 8)

static const struct struct_field ucred_fields[] = {
    AT(0, 4, "pid", PID), AT(4, 4, "uid", ID), AT(8, 4, "gid", ID),
};
STRUCT(ucred, "struct ucred", 12)

/* ---- Queues, semaphores, shared memory ---- */
static const struct struct_field mq_attr_fields[] = {
    AT(0, 8, "mq_flags", NONBLOCK_ONLY), AT(8, 8, "mq_maxmsg", LONG), AT(16, 8, "mq_msgsize", LONG), AT(24, 8, "mq_curmsgs", LONG),
};
STRUCT(mq_attr, "struct mq_attr", 64)

static const struct struct_field ipc_perm_fields[] = {
    AT(4, 4, "uid", ID), AT(8, 4, "gid", ID), AT(20, 4, "mode", MODE), AT(0, 4, "key", INT),
    AT(12, 4, "cuid", ID), AT(16, 4, "cgid", ID),
};
STRUCT(ipc_perm, "struct ipc64_perm", 48)

static const struct struct_field shmid_ds_fields[] = {
    AT(0, 48, "shm_perm", IPC_PERM), AT(48, 8, "shm_segsz", UINT), AT(80, 4, "shm_cpid", PID),
    AT(84, 4, "shm_lpid", PID), AT(88, 8, "shm_nattch", UINT), AT(56, 8, "shm_atime", UINT),
    AT(64, 8, "shm_dtime", UINT), AT(72, 8, "shm_ctime", UINT),
};
STRUCT(shmid_ds, "struct shmid64_ds", 112)

static const struct struct_field semid_ds_fields[] = {
    AT(0, 48, "sem_perm", IPC_PERM), AT(48, 8, "sem_otime", UINT), AT(64, 8, "sem_ctime", UINT),
    AT(80, 8, "sem_nsems", UINT),
};
STRUCT(semid_ds, "struct semid64_ds", 104)

static const struct struct_field msqid_ds_fields[] = {
    AT(0, 48, "msg_perm", IPC_PERM), AT(48, 8, "msg_stime", UINT), AT(56, 8, "msg_rtime", UINT),
    AT(64, 8, "msg_ctime", UINT), AT(80, 8, "msg_qnum", UINT), AT(88, 8, "msg_qbytes", UINT),
    AT(96, 4, "msg_lspid", PID), AT(100, 4, "msg_lrpid", PID),
};
STRUCT(msqid_ds, "struct msqid64_ds", 120)
/* clang-format on */
