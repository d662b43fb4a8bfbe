#!/usr/bin/env python3
"""compare.py STRACE DUMP [-v]: compares the lines of strace -f -o and of reprise dump -o, call by call.

Lines count between the marks that the program makes. Addresses, processes, times and what else must
differ from run to run are replaced by a word; the differences that are known and told in
doc/DUMP.md are in KNOWN. Prints how many calls there were and what differs; exit status 1 if
anything does that is not known."""
import re
import sys

# What differs, by call, and why is in doc/DUMP.md.
KNOWN = [
    ("rt_sigreturn", r"\(\)"),
    ("msgrcv", r"mtext="),
    ("membarrier", r"GET_REGISTRATIONS"),
    ("quotactl", r"quotactl\("),
]

SUBSTITUTES = [
    (r"0x[0-9a-f]{6,16}\b", "ADDR"),
    (r"\s+= ", " = "),
    (r"(tms_[a-z]+=\d+) /\* [0-9.]+ s \*/", r"\1"),  # told of what is not zero
    (r"tv_sec=-?\d+, tv_(n|u)sec=-?\d+", r"tv_sec=N, tv_\1sec=N"),
    (r"(tms_[a-z]+|uptime|(free|total|shared|buffer)(ram|swap|high)|procs|mem_unit|f_bfree|f_bavail|f_ffree|f_files|f_blocks)=\d+", r"\1=N"),
    (r"loads=\[[^\]]*\]", "loads=N"),
    (r"si_(u|s)time=\d+", r"si_\1time=N"),
    (r"st(x)?_(mode|size|blocks)=(\d+)", r"st\1_\2=\3"),
    (r"port=htons\((?!0\))\d+\)", "port=htons(N)"),
    (r"^(time|times)\((.*)\) = \d+.*", r"\1(\2) = N"),
    (r"^time\(\[.*", "time"),
    (r"\b(offset|freq|maxerror|esterror|status|constant|precision|tolerance|tick|ppsfreq|jitter|shift|stabil|jitcnt|calcnt|errcnt|stbcnt|tai)=[^,}]+", r"\1=N"),
    (r"\(\d+, (\d+|ADDR), 8?\)", r"(N, \1)"),
    (r"^(getppid|getpgrp|getpgid|getsid|fork|vfork|clone|clone3)\((.*)\) = \d+", r"\1(\2) = PID"),
    (r"^(wait4|waitid)\((P_PID, )?\d{2,}", r"\1(\2PID"),
    (r"^wait4\((.*) = \d{2,}", r"wait4(\1 = PID"),
    (r"si_pid=\d{2,}", "si_pid=PID"),
    (r"w[12]\"", "DIRECTORY\""),
    (r"^kcmp\((.*)\) = \d", r"kcmp(\1) = N"),  # an order of addresses in the kernel
    (r"^getrandom\(\"[^\"]*\"", "getrandom(\"N\""),
    (r"^getcpu\(\[\d+\], \[\d+\]", "getcpu([N], [N]"),
    (r"(sem|shm|msg)(get|ctl|op|snd|rcv|at|timedop)\(\d+", r"\1\2(N"),
    (r"(sem|shm|msg)get\((.*) = \d+", r"\1get(\2 = N"),
    (r"(shm_[adc]time|shm_cpid|shm_lpid)=\d+", r"\1=N"),
]


def between_marks(path):
    """The calls of the main task, and of its children, each as one line without what precedes it."""
    calls, halves, inside, main = [], {}, False, None
    for raw in open(path, errors="surrogateescape"):
        m = re.match(r"(\d+) +(.*)", raw.rstrip("\n"))
        if not m:
            continue
        pid, line = m.group(1), m.group(2)
        if main is None:
            main = pid
        if line.startswith("write(-1, \"BEGIN\""):
            inside = True
            continue
        if line.startswith("write(-1, \"END\""):
            break
        if not inside:
            continue
        m = re.match(r"(.*?) ?<unfinished \.\.\.>( = \?)?$", line)
        if m:
            halves[pid] = m.group(1)
            continue
        m = re.match(r"<\.\.\. (\w+) resumed>(.*)", line)
        if m:
            line = halves.pop(pid, m.group(1) + "(") + m.group(2)
        if re.search(r"= \? ERESTART", line):
            continue  # made again after such a signal: one call to the recorder
        if re.match(r"--- SIG(CHLD|USR2) ", line):
            continue  # nobody handles them here: the recorder does not keep what changes nothing
        calls.append((pid == main, line))
    # Children run beside their parent: first what the main task did, then the rest.
    return [c for own, c in calls if own], [c for own, c in calls if not own], main


def plain(line, mains):
    # Both numbers in both lines: one of them may be what a call had anyway, a size or a mode.
    for main in mains:
        line = re.sub(r"(?<!\w)%s(?!\w)" % main, "MAIN", line)
    for pattern, to in SUBSTITUTES:
        line = re.sub(pattern, to, line)
    return re.sub(r"\b(MAIN\d?|\d{3,7})\b(?=[,)\]}]|$)", lambda m: m.group(1), line)


def name_of(line):
    return re.split(r"[( ]", line)[0]


def main():
    a_own, a_other, a_main = between_marks(sys.argv[1])
    b_own, b_other, b_main = between_marks(sys.argv[2])
    names = {name_of(c) for c in a_own if re.match(r"\w+\(", c)}
    unknown = known = 0
    same_names = [name_of(c) for c in a_own] == [name_of(c) for c in b_own]
    if not same_names:
        import difflib
        for d in difflib.unified_diff([name_of(c) for c in a_own], [name_of(c) for c in b_own],
                                      "strace", "dump", lineterm="", n=1):
            print(d)
        print("the calls are not the same")
        return 1
    for a, b in zip(a_own, b_own):
        x, y = plain(a, (a_main, b_main)), plain(b, (a_main, b_main))
        if x == y:
            continue
        if any(name == name_of(a) and re.search(pattern, b) for name, pattern in KNOWN):
            known += 1
            continue
        unknown += 1
        print("strace: %s\ndump:   %s\n" % (x, y))
    # A call in which the task was killed is in the trace only if the recorder had to log its entry.
    a_other = [c for c in a_other if name_of(c) != "kill"]
    if sorted(map(name_of, a_other)) != sorted(map(name_of, b_other)):
        unknown += 1
        print("children made other calls:\n%s\n%s" % (a_other, b_other))
    print("%d calls of %d kinds compared: %d differ in known ways, %d otherwise"
          % (len(a_own), len(names), known, unknown))
    return 1 if unknown or len(names) < 150 else 0


sys.exit(main())
