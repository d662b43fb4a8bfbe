/* Commands of System V IPC, the kernel log, keys, landlock, BPF and other calls on the system. */
#include "ranges.h"

/* clang-format off */
enum { SHMID_DS = 112, SHMINFO = 72, SHM_INFO_SIZE = 48 };

static const struct command shmctl_rows[] = {
    COMMAND_AS((ADDR), NONE, 0, "IPC_RMID"),
    COMMAND_AS((SHMID_DS), NONE, 1, "IPC_SET", IN(2, SHMID_DS)),
    COMMAND_AS((SHMID_DS), NONE, 2, "IPC_STAT", OUT(2, SHMID_DS)),
    COMMAND_AS((ADDR), NONE, 3, "IPC_INFO", OUT(2, SHMINFO)),
    COMMAND_AS((ADDR), NONE, 11, "SHM_LOCK"),
    COMMAND_AS((ADDR), NONE, 12, "SHM_UNLOCK"),
    COMMAND_AS((SHMID_DS), NONE, 13, "SHM_STAT", OUT(2, SHMID_DS)),
    COMMAND_AS((ADDR), NONE, 14, "SHM_INFO", OUT(2, SHM_INFO_SIZE)),
    COMMAND_AS((SHMID_DS), NONE, 15, "SHM_STAT_ANY", OUT(2, SHMID_DS)),
};
COMMAND_SET(shmctl, .prefix = "SHM", .rest_is_void = true)

enum { SEMID_DS = 104, SEMINFO = 40 };

static const struct command semctl_rows[] = {
    COMMAND_AS((ADDR), NONE, 0, "IPC_RMID"),
    COMMAND_AS((SEMID_DS), NONE, 1, "IPC_SET", IN(3, SEMID_DS)),
    COMMAND_AS((SEMID_DS), NONE, 2, "IPC_STAT", OUT(3, SEMID_DS)),
    COMMAND_AS((ADDR), NONE, 3, "IPC_INFO", OUT(3, SEMINFO)),
    COMMAND_AS((ADDR), NONE, 11, "GETPID"),
    COMMAND_AS((ADDR), NONE, 12, "GETVAL"),
    {.value = 13, .name = "GETALL", .unlisted = true}, /* a short a semaphore, and only the kernel knows how many */
    COMMAND_AS((ADDR), NONE, 14, "GETNCNT"),
    COMMAND_AS((ADDR), NONE, 15, "GETZCNT"),
    COMMAND_AS((INT), NONE, 16, "SETVAL"),
    COMMAND_AS((ADDR), NONE, 17, "SETALL"),
    COMMAND_AS((SEMID_DS), NONE, 18, "SEM_STAT", OUT(3, SEMID_DS)),
    COMMAND_AS((ADDR), NONE, 19, "SEM_INFO", OUT(3, SEMINFO)),
    COMMAND_AS((SEMID_DS), NONE, 20, "SEM_STAT_ANY", OUT(3, SEMID_DS)),
};
COMMAND_SET(semctl, .prefix = "SEM", .rest_is_void = true)

enum { MSQID_DS = 120, MSGINFO = 32 };

static const struct command msgctl_rows[] = {
    COMMAND_AS((ADDR), NONE, 0, "IPC_RMID"),
    COMMAND_AS((MSQID_DS), NONE, 1, "IPC_SET", IN(2, MSQID_DS)),
    COMMAND_AS((MSQID_DS), NONE, 2, "IPC_STAT", OUT(2, MSQID_DS)),
    COMMAND_AS((ADDR), NONE, 3, "IPC_INFO", OUT(2, MSGINFO)),
    COMMAND_AS((MSQID_DS), NONE, 11, "MSG_STAT", OUT(2, MSQID_DS)),
    COMMAND_AS((ADDR), NONE, 12, "MSG_INFO", OUT(2, MSGINFO)),
    COMMAND_AS((MSQID_DS), NONE, 13, "MSG_STAT_ANY", OUT(2, MSQID_DS)),
};
COMMAND_SET(msgctl, .prefix = "MSG", .rest_is_void = true)

static const struct command syslog_rows[] = {
    COMMAND_AS((), NONE, 0, "SYSLOG_ACTION_CLOSE"),
    COMMAND_AS((), NONE, 1, "SYSLOG_ACTION_OPEN"),
    COMMAND(2, "SYSLOG_ACTION_READ", OUT_RESULT(1, INT(2), 1)),
    COMMAND(3, "SYSLOG_ACTION_READ_ALL", OUT_RESULT(1, INT(2), 1)),
    COMMAND(4, "SYSLOG_ACTION_READ_CLEAR", OUT_RESULT(1, INT(2), 1)),
    COMMAND_AS((), NONE, 5, "SYSLOG_ACTION_CLEAR"),
    COMMAND_AS((), NONE, 6, "SYSLOG_ACTION_CONSOLE_OFF"),
    COMMAND_AS((), NONE, 7, "SYSLOG_ACTION_CONSOLE_ON"),
    COMMAND_AS((ADDR, INT), NONE, 8, "SYSLOG_ACTION_CONSOLE_LEVEL"),
    COMMAND_AS((), NONE, 9, "SYSLOG_ACTION_SIZE_UNREAD"),
    COMMAND_AS((), NONE, 10, "SYSLOG_ACTION_SIZE_BUFFER"),
};
COMMAND_SET(syslog, .rest_is_void = true)

static const struct command reboot_rows[] = {
    COMMAND(0xa1b2c3d4, "LINUX_REBOOT_CMD_RESTART2", IN_STRING(3, 256)),
};
COMMAND_SET(reboot, .rest_is_void = true)

static const struct command sysfs_rows[] = {
    COMMAND(1, "index_of_name", IN_STRING(1, 4096)),
    COMMAND(2, "name_of_index", OUT_STRING(2, 4096)),
    COMMAND(3, "count"),
};
COMMAND_SET(sysfs, .rest_is_void = true)

static const struct command keyctl_rows[] = {
    COMMAND(0, "KEYCTL_GET_KEYRING_ID"),
    COMMAND(1, "KEYCTL_JOIN_SESSION_KEYRING", IN_STRING(1, 4096)),
    COMMAND(2, "KEYCTL_UPDATE", IN_ARRAY(2, 3, 1)),
    COMMAND(3, "KEYCTL_REVOKE"),
    COMMAND(4, "KEYCTL_CHOWN"),
    COMMAND(5, "KEYCTL_SETPERM"),
    COMMAND(6, "KEYCTL_DESCRIBE", OUT_RESULT(2, 3, 1)),
    COMMAND(7, "KEYCTL_CLEAR"),
    COMMAND(8, "KEYCTL_LINK"),
    COMMAND(9, "KEYCTL_UNLINK"),
    COMMAND(10, "KEYCTL_SEARCH", IN_STRING(2, 32), IN_STRING(3, 4096)),
    COMMAND(11, "KEYCTL_READ", OUT_RESULT(2, 3, 1)),
    COMMAND(12, "KEYCTL_INSTANTIATE", IN_ARRAY(2, 3, 1)),
    COMMAND(13, "KEYCTL_NEGATE"),
    COMMAND(14, "KEYCTL_SET_REQKEY_KEYRING"),
    COMMAND(15, "KEYCTL_SET_TIMEOUT"),
    COMMAND(16, "KEYCTL_ASSUME_AUTHORITY"),
    COMMAND(17, "KEYCTL_GET_SECURITY", OUT_RESULT(2, 3, 1)),
    COMMAND(18, "KEYCTL_SESSION_TO_PARENT"),
    COMMAND(19, "KEYCTL_REJECT"),
    COMMAND(20, "KEYCTL_INSTANTIATE_IOV", WALK_FROM(IOVEC_IN, 2, 3)),
    COMMAND(21, "KEYCTL_INVALIDATE"),
    COMMAND(22, "KEYCTL_GET_PERSISTENT"),
    COMMAND(23, "KEYCTL_DH_COMPUTE", IN(1, 12), OUT_RESULT(2, 3, 1)),
    COMMAND(24, "KEYCTL_PKEY_QUERY", IN_STRING(3, 4096), OUT(4, 56)),
    COMMAND(25, "KEYCTL_PKEY_ENCRYPT", WALK(PKEY_CRYPT)),
    COMMAND(26, "KEYCTL_PKEY_DECRYPT", WALK(PKEY_CRYPT)),
    COMMAND(27, "KEYCTL_PKEY_SIGN", WALK(PKEY_CRYPT)),
    COMMAND(28, "KEYCTL_PKEY_VERIFY", IN(1, 40), IN_STRING(2, 4096)),
    COMMAND(29, "KEYCTL_RESTRICT_KEYRING", IN_STRING(2, 32), IN_STRING(3, 4096)),
    COMMAND(30, "KEYCTL_MOVE"),
    COMMAND(31, "KEYCTL_CAPABILITIES", OUT_ARRAY(1, 2, 1)),
    COMMAND(32, "KEYCTL_WATCH_KEY"),
};
COMMAND_SET(keyctl, .prefix = "KEYCTL")

static const struct command landlock_rule_rows[] = {
    COMMAND(1, "LANDLOCK_RULE_PATH_BENEATH", IN(2, 12)),
    COMMAND(2, "LANDLOCK_RULE_NET_PORT", IN(2, 16)),
};
COMMAND_SET(landlock_rule, .rest_is_void = true)

/* The attributes themselves are handed over by the row. Commands that are not here write through
 * pointers in them, with lengths that only the kernel knows (the value size of a map ...). */
static const struct command bpf_rows[] = {
    COMMAND(0, "BPF_MAP_CREATE"),
    COMMAND(2, "BPF_MAP_UPDATE_ELEM"),
    COMMAND(3, "BPF_MAP_DELETE_ELEM"),
    COMMAND(6, "BPF_OBJ_PIN"),
    COMMAND(7, "BPF_OBJ_GET"),
    COMMAND(8, "BPF_PROG_ATTACH"),
    COMMAND(9, "BPF_PROG_DETACH"),
    COMMAND(11, "BPF_PROG_GET_NEXT_ID", OUT_ARRAY(1, INT(2), 1)),
    COMMAND(12, "BPF_MAP_GET_NEXT_ID", OUT_ARRAY(1, INT(2), 1)),
    COMMAND(13, "BPF_PROG_GET_FD_BY_ID"),
    COMMAND(14, "BPF_MAP_GET_FD_BY_ID"),
    COMMAND(17, "BPF_RAW_TRACEPOINT_OPEN"),
    COMMAND(19, "BPF_BTF_GET_FD_BY_ID"),
    COMMAND(22, "BPF_MAP_FREEZE"),
    COMMAND(23, "BPF_BTF_GET_NEXT_ID", OUT_ARRAY(1, INT(2), 1)),
    COMMAND(28, "BPF_LINK_CREATE"),
    COMMAND(29, "BPF_LINK_UPDATE"),
    COMMAND(30, "BPF_LINK_GET_FD_BY_ID"),
    COMMAND(31, "BPF_LINK_GET_NEXT_ID", OUT_ARRAY(1, INT(2), 1)),
    COMMAND(32, "BPF_ENABLE_STATS"),
    COMMAND(33, "BPF_ITER_CREATE"),
    COMMAND(34, "BPF_LINK_DETACH"),
    COMMAND(35, "BPF_PROG_BIND_MAP"),
};
COMMAND_SET(bpf)
/* clang-format on */
