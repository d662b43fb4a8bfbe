/* Constants of sockets and of waiting for descriptors. */
#include "constants.h"

#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* clang-format off */
static const struct constant domain_v[] = {
    C_IS(AF_UNSPEC), C_IS(AF_UNIX), C_IS(AF_INET), C_IS(AF_AX25), C_IS(AF_IPX), C_IS(AF_APPLETALK),
    C_IS(AF_BRIDGE), C_IS(AF_X25), C_IS(AF_INET6), C_IS(AF_NETLINK), C_IS(AF_PACKET), C_IS(AF_KEY),
    C_IS(AF_RDS), C_IS(AF_PPPOX), C_IS(AF_CAN), C_IS(AF_TIPC), C_IS(AF_BLUETOOTH), C_IS(AF_ALG),
    C_IS(AF_VSOCK), C_IS(AF_KCM), C_IS(AF_QIPCRTR), C_IS(AF_SMC), C_IS(AF_XDP),
};
ENUM_SET(domain, "AF")

static const struct constant socket_type_v[] = {
    C_OF(0xf, SOCK_STREAM), C_OF(0xf, SOCK_DGRAM), C_OF(0xf, SOCK_RAW), C_OF(0xf, SOCK_RDM),
    C_OF(0xf, SOCK_SEQPACKET), C_OF(0xf, SOCK_DCCP), C_OF(0xf, SOCK_PACKET),
    C(SOCK_CLOEXEC), C(SOCK_NONBLOCK),
};
FLAG_SET(socket_type, "SOCK")

static const struct constant socket_flags_v[] = {C(SOCK_CLOEXEC), C(SOCK_NONBLOCK)};
FLAG_SET(socket_flags, "SOCK")

static const struct constant shutdown_how_v[] = {C_IS(SHUT_RD), C_IS(SHUT_WR), C_IS(SHUT_RDWR)};
ENUM_SET(shutdown_how, "SHUT")

static const struct constant msg_flags_v[] = {
    C(MSG_OOB), C(MSG_PEEK), C(MSG_DONTROUTE), C(MSG_CTRUNC), N(0x10, "MSG_PROBE"), C(MSG_TRUNC),
    C(MSG_DONTWAIT), C(MSG_EOR), C(MSG_WAITALL), C(MSG_FIN), C(MSG_SYN), C(MSG_CONFIRM), C(MSG_RST),
    C(MSG_ERRQUEUE), C(MSG_NOSIGNAL), C(MSG_MORE), C(MSG_WAITFORONE), C(MSG_BATCH),
    N(0x4000000, "MSG_ZEROCOPY"), C(MSG_FASTOPEN), C(MSG_CMSG_CLOEXEC),
};
FLAG_SET(msg_flags, "MSG")

static const struct constant level_v[] = {
    C_IS(SOL_IP), C_IS(SOL_SOCKET), N_IS(6, "SOL_TCP"), N_IS(17, "SOL_UDP"), C_IS(SOL_IPV6),
    N_IS(58, "SOL_ICMPV6"), N_IS(132, "SOL_SCTP"), N_IS(136, "SOL_UDPLITE"), C_IS(SOL_RAW),
    C_IS(SOL_PACKET), N_IS(270, "SOL_NETLINK"), N_IS(279, "SOL_ALG"), N_IS(282, "SOL_TLS"),
    N_IS(283, "SOL_XDP"), N_IS(284, "SOL_MPTCP"),
};
ENUM_SET(level, "SOL")

static const struct constant epoll_flags_v[] = {C(EPOLL_CLOEXEC)};
FLAG_SET(epoll_flags, "EPOLL")

static const struct constant epoll_bits_v[] = {
    C(EPOLLIN), C(EPOLLPRI), C(EPOLLOUT), C(EPOLLERR), C(EPOLLHUP), N(0x20, "EPOLLNVAL"), C(EPOLLRDNORM),
    C(EPOLLRDBAND), C(EPOLLWRNORM), C(EPOLLWRBAND), C(EPOLLMSG), C(EPOLLRDHUP), C(EPOLLEXCLUSIVE),
    C(EPOLLWAKEUP), C(EPOLLONESHOT), {0x80000000, 0x80000000, "EPOLLET"},
};
FLAG_SET(epoll_bits, "EPOLL")

static const struct constant eventfd_flags_v[] = {
    N(1, "EFD_SEMAPHORE"), N(02000000, "EFD_CLOEXEC"), N(04000, "EFD_NONBLOCK"),
};
FLAG_SET(eventfd_flags, "EFD")

static const struct constant signalfd_flags_v[] = {
    N(02000000, "SFD_CLOEXEC"), N(04000, "SFD_NONBLOCK"),
};
FLAG_SET(signalfd_flags, "SFD")

static const struct constant timerfd_flags_v[] = {
    N(02000000, "TFD_CLOEXEC"), N(04000, "TFD_NONBLOCK"),
};
FLAG_SET(timerfd_flags, "TFD")

static const struct constant timerfd_set_flags_v[] = {
    N(1, "TFD_TIMER_ABSTIME"), N(2, "TFD_TIMER_CANCEL_ON_SET"),
};
FLAG_SET(timerfd_set_flags, "TFD")
/* clang-format on */
