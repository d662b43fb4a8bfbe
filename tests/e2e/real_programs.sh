#!/bin/bash
# Real programs of one thread: shells, interpreters, compilers, editors, debuggers. See cases.sh for
# the options.
. "$(dirname "$0")/cases.sh"
export GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@b

# A repository with a few commits in "source".
make_repository() {
    need git
    git init -q source && cd source || exit 1
    local i
    for i in 1 2 3 4 5; do
        seq "$i" "$((i * 100))" >"file$i"
        git add . && git -c gc.auto=0 commit -q -m "commit $i" || exit 1
    done
    cd ..
}

case_ls() {
    touch one two three && mkdir directory
    record_and_replay ls -laR --time-style=full-iso . /usr/include/linux
}

case_date() {
    record_and_replay date '+%s.%N %Y-%m-%d %H:%M:%S %Z'
}

case_shell_pipeline_with_random_order() {
    record_and_replay sh -c 'seq 300 | sort -R | head -n 50 | tee copy | sha256sum; cat copy; echo $$; date +%N'
}

case_bash_script() {
    need bash
    cat >script <<'END'
set -u
trap 'echo "trapped USR1 in $$"' USR1
for i in 1 2 3; do
    x=$(echo "$RANDOM $SRANDOM $BASHPID")
    echo "$i: $x $EPOCHREALTIME"
done
kill -USR1 $$
sleep 0.05 & wait $! && echo "waited for $!"
coproc { read -r line; echo "coprocess got $line"; read -r line; } # it ends when it is told to
echo hello >&"${COPROC[1]}"
read -r answer <&"${COPROC[0]}"
echo "$answer"
echo bye >&"${COPROC[1]}"
while read -r a b; do echo "$b $a"; done < <(printf '%s\n' "1 one" "2 two")
(exit 7); echo "status $?"
diff <(seq 5) <(seq 6) || true
exit 3
END
    expect="exited 3"
    record_and_replay bash script
}

case_bash_job_control() {
    need bash
    cat >script <<'END'
set -m
sleep 30 &
jobs
kill -STOP %1
wait %1
echo "stopped: $?"
jobs
bg %1
jobs
kill -TERM %1
wait %1
echo "ended: $?"
# stops itself, and goes on in the foreground
(kill -STOP "$BASHPID"; echo "went on as $BASHPID"; exit 9) &
wait %%
fg %%
echo "foreground: $?"
trap 'echo "a child of $$ is gone"' CHLD
sleep 0.02 | sleep 0.01 &
wait
jobs
END
    record_and_replay bash script
}

case_bash_job_control_on_a_terminal() {
    need bash script
    cat >script <<'END'
tty
sleep 30 &
kill -STOP %sleep
sh -c 'kill -TSTP $$; echo went on; exit 5'
jobs -l
fg %sh
echo "status $?"
kill -KILL %sleep
wait %sleep
echo "status $?"
stty -a | head -n 1
END
    record_and_replay script -qec 'stty rows 24 cols 80; bash -i script; bash -mc "sleep 0.02 & fg"' /dev/null
}

case_python_random_time_uuid() {
    need_python
    record_and_replay "$python" -c '
import random, time, uuid, os, tempfile, hashlib
print(random.random(), time.time(), time.monotonic_ns(), uuid.uuid1(), uuid.uuid4())
print(os.getpid(), os.urandom(8).hex(), hash("text"), id(object()))
with tempfile.NamedTemporaryFile() as f:
    f.write(os.urandom(100000)); f.flush()
    print(f.name, hashlib.sha256(open(f.name, "rb").read()).hexdigest())
print({object() for _ in range(5)})
'
}

case_python_subprocess() {
    need_python
    expect="exited 4"
    record_and_replay "$python" -c '
import subprocess, os, sys
print(subprocess.run(["date", "+%N"], capture_output=True, text=True).stdout, end="")
p = subprocess.Popen(["sh", "-c", "read x; echo $x $$; echo error >&2; exit 5"],
                     stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
print(p.communicate(b"input\n"), p.returncode)
print(subprocess.getoutput("ls -l /proc/self/fd | wc -l"))
try:
    subprocess.run(["sleep", "5"], timeout=0.1)
except subprocess.TimeoutExpired as e:
    print(e)
print(os.popen("echo $PPID").read())
sys.exit(4)
'
}

case_python_multiprocessing_with_fork() {
    need_python
    record_and_replay "$python" -c '
import multiprocessing as mp, os, random
def work(conn, n):
    random.seed()
    for i in range(n):
        conn.send((os.getpid(), i, random.random()))
    conn.close()
ctx = mp.get_context("fork")
ends = []
for n in range(1, 5):
    a, b = ctx.Pipe(duplex=False)
    p = ctx.Process(target=work, args=(b, n)); p.start(); b.close()
    ends.append((a, p))
for a, p in ends:
    try:
        while True:
            print(a.recv())
    except EOFError:
        pass
    p.join()
    print(p.exitcode)
'
}

case_python_multiprocessing_with_locks() {
    need_python
    record_and_replay "$python" -c '
import multiprocessing as mp, os
def work(lock, value, queue):
    for i in range(20):
        with lock:
            value.value += 1
    queue.put((os.getpid(), value.value))
ctx = mp.get_context("fork")
lock, value, queue = ctx.Lock(), ctx.Value("i", 0), ctx.SimpleQueue()
ps = [ctx.Process(target=work, args=(lock, value, queue)) for _ in range(3)]
for p in ps: p.start()
for p in ps: print(queue.get())
for p in ps: p.join()
print(value.value)
'
}

case_perl() {
    need perl
    record_and_replay perl -e '
use Time::HiRes qw(time sleep);
$SIG{ALRM} = sub { print "alarm at ", time, "\n" };
my %h = map { rand() => $_ } 1 .. 20;
print join(" ", keys %h), "\n";
Time::HiRes::ualarm(20000);
sleep 0.1;
my $pid = fork;
if ($pid == 0) { print "child $$\n"; exit 3 }
waitpid $pid, 0;
print "status ", $? >> 8, " in $$ ", `date +%N`;
open my $f, "<", "/proc/self/stat"; print <$f>;
'
}

case_sqlite3() {
    need sqlite3
    record_and_replay sqlite3 data.db \
        'create table t(id integer primary key, r, d);
         insert into t(r, d) select random(), datetime("now") from generate_series(1, 500);
         create index i on t(r);
         select count(*), min(r), max(r) from t;
         select * from t order by r limit 20;
         pragma journal_mode = wal;
         update t set r = random() where id % 7 = 0;
         select hex(randomblob(16)), sum(r / 1000) from t;
         pragma integrity_check;'
}

case_git_clone() {
    make_repository
    record_and_replay git clone source copy
}

case_git_log() {
    make_repository
    record_and_replay git -C source log -p --stat --date=relative
}

case_git_commit() {
    make_repository
    echo more >source/more
    git -C source config pack.threads 1
    record_and_replay sh -c 'cd source && git add more && git commit -m more && git status && git gc -q && git fsck'
}

case_gcc_compile_and_run() {
    need gcc
    cat >program.c <<'END'
#include <stdio.h>
#include <time.h>
#include <unistd.h>
int main(void)
{
    printf("%d %ld %p compiled at %s\n", getpid(), (long)time(NULL), (void *)main, __TIME__);
    return 0;
}
END
    record_and_replay sh -c 'gcc -O2 -g -Wall -o program program.c && ./program'
}

case_make_with_two_jobs() {
    need gcc make
    # Proving each call of a compiler takes its time.
    "$here/small_c_tree.sh" tree $(is_paranoid && echo 4 || echo 40) || exit 1
    record_and_replay sh -c 'make -C tree -j2 && tree/program'
}

case_make_with_four_jobs() {
    need gcc make
    "$here/small_c_tree.sh" tree $(is_paranoid && echo 4 || echo 40) || exit 1
    record_and_replay sh -c 'make -C tree -j4 -O && tree/program'
}

case_openssl_rand() {
    need openssl
    record_and_replay sh -c 'openssl rand -hex 64; openssl genpkey -algorithm ed25519 | tail -n 1; openssl version; head -c 1000 /dev/urandom | openssl dgst -sha256'
}

case_tar() {
    need tar gzip
    cp -r /usr/include/linux . && head -c 300000 /dev/urandom >random
    record_and_replay sh -c 'tar czf archive.tgz linux random && tar tvzf archive.tgz | tail -n 30 && mkdir out && tar xzf archive.tgz -C out && diff -r linux out/linux && sha256sum archive.tgz'
}

case_curl_of_a_local_server() {
    need curl
    need_python
    mkdir www && head -c 200000 /dev/urandom >www/file
    "$python" -u -m http.server 0 --bind 127.0.0.1 --directory www >server.log 2>&1 &
    local server=$! port=
    for _ in $(seq 100); do
        port=$(sed -n 's/^Serving HTTP on .* port \([0-9]*\).*/\1/p' server.log)
        [ -n "$port" ] && break
        sleep 0.05
    done
    # shellcheck disable=SC2064 # now: it is local
    trap "kill $server 2>/dev/null; clean_up" EXIT
    [ -n "$port" ] || fail "the server does not start"
    record_and_replay sh -c "curl -sS -D - http://127.0.0.1:$port/file | sha256sum; curl -sS -D - http://127.0.0.1:$port/; curl -sS -o /dev/null -w '%{time_total} %{local_port}\n' http://127.0.0.1:$port/file; curl -sS http://127.0.0.1:1/ 2>&1; true"
}

case_vim_in_silent_mode() {
    need vim
    seq 100 >text
    record_and_replay vim -u NONE -es -c '%s/7/seven/g' -c 'global/seven/m0' -c "call append(0, strftime('%s') . getpid())" \
        -c 'wq' text
}

case_vim_by_keys_on_a_terminal() {
    need vim script
    seq 100 >text
    printf ':set nocompatible\r3GdGiHello \x12=localtime()\r world\x1byyp:s/Hello/Bye/\r:x\r' >keys
    record_and_replay script -qec "stty rows 24 cols 80; vim -u NONE -s keys text; cat text" /dev/null
}

case_pty_program_under_script() {
    need script
    record_and_replay script -qec 'tty; stty -a; echo $$; ls --color=auto /; bash -ic "jobs; sleep 0.05 & jobs; wait; echo done" 2>&1' typescript
}

case_gdb_as_recorded_program() {
    need gdb gcc
    printf 'int f(int x) { return x * 2; }\nint main(void) { int s = 0; for (int i = 0; i < 3; i++) s += f(i); return s; }\n' >p.c
    gcc -g -O0 -o p p.c || exit 1
    record_and_replay gdb -nx -q -batch -ex 'set confirm off' -ex 'set debuginfod enabled off' \
        -ex 'break f' -ex run -ex backtrace -ex 'info registers' -ex continue -ex 'print x' \
        -ex stepi -ex finish -ex 'delete' -ex continue p
}

case_strace_as_recorded_program() {
    need strace
    record_and_replay strace -f -tt sh -c 'date +%N; echo $$'
}

case_busy_shell_script_with_many_processes() {
    record_and_replay sh -c 'i=0; while [ $i -lt 100 ]; do x=$(echo $i; cat /proc/uptime); i=$((i + 1)); done; echo "$x" $$'
}

case_find_xargs_grep() {
    record_and_replay sh -c 'find /usr/include/linux -name "*.h" -print0 | xargs -0 -n 50 grep -c define | sort -t: -k2 -n | tail -n 20; ps -o pid,ppid,comm 2>/dev/null | tail -n 5'
}

case_awk_sed_bc() {
    record_and_replay sh -c 'awk "BEGIN { srand(); for (i = 0; i < 100; i++) print rand(), systime() }" 2>&1 | sed "s/0\./x/" | sort | head -n 30'
}

case_dd_one_byte_at_a_time() {
    record_and_replay dd if=/dev/urandom bs=1 count=3000
}

run_case "$1"
