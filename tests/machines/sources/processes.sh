# Processes, pipes, a signal, random numbers and the time, by the busybox in $1 alone.
busybox=$1
trap 'echo "trapped USR1 in $$"' USR1
for i in 1 2 3; do
    "$busybox" head -c 12 /dev/urandom | "$busybox" od -An -tx1
done
"$busybox" seq 200 | "$busybox" shuf | "$busybox" sha256sum
"$busybox" date
read -r up idle </proc/uptime
echo "$up $idle $$"
kill -USR1 $$
"$busybox" sleep 0.05 &
wait $! && echo "waited for $!"
(exit 7)
echo "status $?" >&2
