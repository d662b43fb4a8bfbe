/* Commands of calls on files and descriptors: fcntl, epoll_ctl, fsconfig, quotactl. */
#include "ranges.h"

/* clang-format off */
static const struct command fcntl_rows[] = {
    COMMAND(0, "F_DUPFD"),
    COMMAND(1, "F_GETFD"),
    COMMAND(2, "F_SETFD"),
    COMMAND(3, "F_GETFL"),
    COMMAND(4, "F_SETFL"),
    COMMAND(5, "F_GETLK", INOUT(2, 32)),
    COMMAND(6, "F_SETLK", IN(2, 32)),
    COMMAND_WAITS(7, "F_SETLKW", IN(2, 32)),
    COMMAND(8, "F_SETOWN"),
    COMMAND(9, "F_GETOWN"),
    COMMAND(10, "F_SETSIG"),
    COMMAND(11, "F_GETSIG"),
    COMMAND(15, "F_SETOWN_EX", IN(2, 8)),
    COMMAND(16, "F_GETOWN_EX", OUT(2, 8)),
    COMMAND(17, "F_GETOWNER_UIDS", OUT(2, 8)),
    COMMAND(36, "F_OFD_GETLK", INOUT(2, 32)),
    COMMAND(37, "F_OFD_SETLK", IN(2, 32)),
    COMMAND_WAITS(38, "F_OFD_SETLKW", IN(2, 32)),
    COMMAND(1024, "F_SETLEASE"),
    COMMAND(1025, "F_GETLEASE"),
    COMMAND(1026, "F_NOTIFY"),
    COMMAND(1027, "F_DUPFD_QUERY"),
    COMMAND(1028, "F_CREATED_QUERY"),
    COMMAND(1029, "F_CANCELLK"),
    COMMAND(1030, "F_DUPFD_CLOEXEC"),
    COMMAND(1031, "F_SETPIPE_SZ"),
    COMMAND(1032, "F_GETPIPE_SZ"),
    COMMAND(1033, "F_ADD_SEALS"),
    COMMAND(1034, "F_GET_SEALS"),
    COMMAND(1035, "F_GET_RW_HINT", OUT(2, 8)),
    COMMAND(1036, "F_SET_RW_HINT", IN(2, 8)),
    COMMAND(1037, "F_GET_FILE_RW_HINT", OUT(2, 8)),
    COMMAND(1038, "F_SET_FILE_RW_HINT", IN(2, 8)),
    COMMAND(1039, "F_GETDELEG", INOUT(2, 8)),
    COMMAND(1040, "F_SETDELEG", IN(2, 8)),
};
COMMAND_SET(fcntl, .some_wait = true)

static const struct command epoll_ctl_rows[] = {
    COMMAND(1, "EPOLL_CTL_ADD", IN(3, 12)),
    COMMAND(2, "EPOLL_CTL_DEL"),
    COMMAND(3, "EPOLL_CTL_MOD", IN(3, 12)),
};
COMMAND_SET(epoll_ctl, .rest_is_void = true)

static const struct command fsconfig_rows[] = {
    COMMAND(0, "FSCONFIG_SET_FLAG"),
    COMMAND(1, "FSCONFIG_SET_STRING", IN_STRING(3, 256)),
    COMMAND(2, "FSCONFIG_SET_BINARY", IN_ARRAY(3, INT(4), 1)),
    COMMAND(3, "FSCONFIG_SET_PATH", IN_STRING(3, 4096)),
    COMMAND(4, "FSCONFIG_SET_PATH_EMPTY", IN_STRING(3, 4096)),
    COMMAND(5, "FSCONFIG_SET_FD"),
    COMMAND(6, "FSCONFIG_CMD_CREATE"),
    COMMAND(7, "FSCONFIG_CMD_RECONFIGURE"),
    COMMAND(8, "FSCONFIG_CMD_CREATE_EXCL"),
};
COMMAND_SET(fsconfig, .rest_is_void = true)

/* The command is (what << 8) | type of quota; what it points to is the fourth argument, with
 * quotactl_fd too. */
static const struct command quotactl_rows[] = {
    COMMAND(0x80000100, "Q_SYNC"),
    COMMAND(0x80000200, "Q_QUOTAON", IN_STRING(3, 4096)),
    COMMAND(0x80000300, "Q_QUOTAOFF"),
    COMMAND(0x80000400, "Q_GETFMT", OUT(3, 4)),
    COMMAND(0x80000500, "Q_GETINFO", OUT(3, 24)),
    COMMAND(0x80000600, "Q_SETINFO", IN(3, 24)),
    COMMAND(0x80000700, "Q_GETQUOTA", OUT(3, 72)),
    COMMAND(0x80000800, "Q_SETQUOTA", IN(3, 72)),
    COMMAND(0x80000900, "Q_GETNEXTQUOTA", OUT(3, 72)),
    COMMAND(0x580100, "Q_XQUOTAON", IN(3, 4)),
    COMMAND(0x580200, "Q_XQUOTAOFF", IN(3, 4)),
    COMMAND(0x580300, "Q_XGETQUOTA", OUT(3, 112)),
    COMMAND(0x580400, "Q_XSETQLIM", IN(3, 112)),
    COMMAND(0x580500, "Q_XGETQSTAT", OUT(3, 80)),
    COMMAND(0x580600, "Q_XQUOTARM", IN(3, 4)),
    COMMAND(0x580700, "Q_XQUOTASYNC"),
    COMMAND(0x580800, "Q_XGETQSTATV", INOUT(3, 160)),
    COMMAND(0x580900, "Q_XGETNEXTQUOTA", OUT(3, 112)),
};
COMMAND_SET(quotactl, .ignore = 0xff)
/* clang-format on */
