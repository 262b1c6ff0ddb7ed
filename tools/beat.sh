#!/bin/sh
# Runs a command that may be silent for long, and says every few seconds that it is
# still at work, for how long, and how long it took the last time here.
#
#   tools/beat.sh WHAT SECONDS COMMAND...
#
# SECONDS is what it takes on two cores with nothing cached; build/times keeps what it
# took here. NNGPLAB_BEAT is the pause between two lines, 8 seconds.
set -u
what=$1 about=$2
shift 2
every=${NNGPLAB_BEAT:-8}
top=$(cd "$(dirname "$0")/.." && pwd)
times=${NNGPLAB_TIMES:-$top/build/times}
began=$(date +%s)
known=$(sed -n "s/^$what \([0-9][0-9]*\)\$/\1/p" "$times" 2>/dev/null | tail -n 1)
if [ -n "$known" ]; then
	usual="$known s the last time"
else
	usual="about $about s on two idle cores"
fi

tick() {
	trap 'kill $nap 2>/dev/null; exit 0' TERM
	while :; do
		sleep "$every" &
		nap=$!
		wait $nap
		echo "$what: at work for $(($(date +%s) - began)) s; $usual" >&2
	done
}
tick &
ticker=$!
trap 'kill $ticker 2>/dev/null' EXIT
# In the background, since a shell answers no signal while it waits for what is in front.
# What runs there ignores SIGINT, so that it is told by SIGTERM.
"$@" &
pid=$!
trap 'kill -TERM $pid 2>/dev/null' INT TERM HUP
wait $pid
status=$?
while kill -0 $pid 2>/dev/null; do # a signal has ended the waiting alone
	wait $pid
	status=$?
done
took=$(($(date +%s) - began))
[ $took -lt 4 ] || echo "$what: done after $took s" >&2
# What is done in a moment was cached, and says nothing of the next time.
if [ $status = 0 ] && [ $took -gt 8 ]; then
	mkdir -p "$(dirname "$times")" && echo "$what $took" >>"$times"
fi
exit $status
