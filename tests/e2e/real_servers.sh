#!/bin/bash
# Servers together with their clients, started by one shell. See cases.sh for the options.
. "$(dirname "$0")/cases.sh"

# A port below those that the kernel gives out, at which nobody listens.
free_port() {
    local port
    while
        port=$((10000 + RANDOM % 20000))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null
    do
        :
    done
    echo "$port"
}

# The scripts start with this: wait_until COMMAND...: for ten seconds at most.
wait_until='wait_until() { local i; for ((i = 0; i < 200; i++)); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done; echo "in vain: $*"; return 1; }'

case_sqlite3_wal_with_two_processes() {
    need sqlite3
    cat >script <<'END'
sqlite3 data.db 'pragma journal_mode = wal; create table t(i integer primary key, who, r);'
write() {
    for i in 1 2 3 4 5 6; do
        sqlite3 -cmd '.timeout 20000' data.db "begin immediate;
            insert into t(who, r) values('$1', random()); insert into t(who, r) values('$1', random());
            commit; select '$1', count(*), max(i) from t;"
    done
}
write a & write b &
sqlite3 -cmd '.timeout 20000' data.db 'select count(*) from t; pragma wal_checkpoint(passive); select count(*) from t;'
wait
sqlite3 data.db 'select * from t; pragma wal_checkpoint(truncate); pragma integrity_check; select count(*) = 24 from t;'
END
    record_and_replay bash script
    tail -n 1 "$work/record.out" | grep -q -x 1 || fail "rows are missing"
}

case_redis_under_redis_benchmark() {
    need redis-server redis-benchmark redis-cli
    cat >script <<END
$wait_until
port=$(free_port)
END
    cat >>script <<'END'
requests=$1
mkdir data
redis-server --port "$port" --bind 127.0.0.1 --dir data --save '' --appendonly yes >log &
cli() { redis-cli -p "$port" "$@"; }
wait_until cli ping
redis-benchmark -p "$port" -n "$requests" -c 10 -t set,get,lpush,lpop,zadd --csv
redis-benchmark -p "$port" -n "$requests" -c 4 -P 8 --threads 2 -r 100 -t set,incr --csv
cli eval 'return redis.call("time")' 0
cli dbsize
cli randomkey
cli bgsave
saved() { cli info persistence | grep rdb_bgsave_in_progress:0; }
wait_until saved
cli lastsave
cli shutdown
wait %1
echo "server: $?"
cat log
END
    record_and_replay bash script $(is_paranoid && echo 20 || echo 300)
    grep -q -x 'server: 0' "$work/record.out" || fail "the server does not end as it should"
}

case_nginx_with_two_workers() {
    local nginx=/usr/sbin/nginx
    [ -x "$nginx" ] || skip "nginx is not installed"
    need curl wrk
    mkdir www
    head -c 5000 /dev/urandom | base64 >www/file
    local port
    port=$(free_port)
    # As root, workers would change to a user that cannot come here.
    cat >conf <<END
$([ "$(id -u)" -ne 0 ] || echo "user root;")
worker_processes 2;
pid pid;
error_log error.log notice;
events { worker_connections 64; }
http {
    access_log access.log;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    sendfile on;
    gzip on;
    server {
        listen 127.0.0.1:$port;
        root www;
        location /time { return 200 "\$msec \$pid \$request_id\n"; }
    }
}
END
    printf '%s\nurl=%s\n' "$wait_until" "http://127.0.0.1:$port" >script
    cat >>script <<'END'
/usr/sbin/nginx -e error.log -p "$PWD" -c conf -g 'daemon off;' &
wait_until curl -sf "$url/time"
for i in 1 2 3; do
    curl -sS "$url/time" "$url/file" | sha256sum &
    clients+=" $!"
done
wait $clients
if [ "$1" = heavy ]; then
    wrk -t 2 -c 8 -d 1 "$url/file"
fi
curl -sS --compressed -o /dev/null -w '%{size_download} %{http_code}\n' "$url/file" "$url/missing"
kill -HUP %1 # new workers
sleep 0.2
curl -sS "$url/time"
kill -QUIT %1
wait %1
echo "server: $?"
wc -l access.log
cat error.log
END
    record_and_replay bash script "$(is_paranoid || echo heavy)"
    grep -q -x 'server: 0' "$work/record.out" || fail "the server does not end as it should"
}

# The server refuses to run as root.
case_postgresql_under_pgbench() {
    local bin as_nobody=()
    bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
    [ -x "$bin/initdb" ] || skip "postgresql is not installed"
    [ -x "$bin/pgbench" ] || skip "pgbench is not installed"
    mkdir data
    if [ "$(id -u)" -eq 0 ]; then
        need setpriv
        as_nobody=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
        chmod 711 "$work" "$work/record"
        chown nobody data
    fi
    printf 'PATH=%s:$PATH\n' "$bin" | tee prepare >script
    cat >>prepare <<'END'
cd data
export HOME=$PWD TMPDIR=$PWD
initdb -D db -A trust -U someone
END
    cat >>script <<'END'
cd data
export HOME=$PWD TMPDIR=$PWD PGHOST=$PWD PGUSER=someone PGDATABASE=postgres
pg_ctl -D db -w -l log -o "-c listen_addresses= -c unix_socket_directories=$PWD -c shared_buffers=1MB -c max_connections=20" start
if [ "$1" = heavy ]; then
    pgbench -i -q 2>&1
    pgbench -c 2 -j 2 -T 2 2>&1
    psql -c 'select now(), random(), count(*), sum(abalance) from pgbench_accounts'
fi
psql -c 'select pg_backend_pid(), pg_sleep(0.01), md5(random()::text), gen_random_uuid()'
pg_ctl -D db -w -m fast stop
cat log
END
    if is_paranoid; then # making a cluster takes some 100,000 calls
        "${as_nobody[@]}" bash prepare >prepared 2>&1 || fail "no cluster: $(cat prepared)"
        record_and_replay "${as_nobody[@]}" bash script
    else
        record_and_replay "${as_nobody[@]}" bash -c 'bash prepare && bash script heavy'
    fi
    grep -q -x 'server stopped' "$work/record.out" || fail "the server does not end as it should"
}

run_case "$1"
