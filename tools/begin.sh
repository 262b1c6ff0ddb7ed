#!/bin/sh
# Says before `make reproduce` what is to be done, and about how long it takes: first
# the times of an earlier run here, else those of two idle cores.
#
#   tools/begin.sh VENV PROFILE
set -u
venv=$1 profile=$2
total=0 steps=
step() { # WHAT NAME SECONDS
	known=$(sed -n "s/^$2 \([0-9][0-9]*\)\$/\1/p" build/times 2>/dev/null | tail -n 1)
	total=$((total + ${known:-$3}))
	steps="$steps${steps:+, }$1 (${known:-$3} s)"
}
[ -e "$venv/.complete" ] || step "a Python environment" environment 90
if [ ! -e build/kernel.stamp ]; then
	step "the program" program 90
	step "the Go kernel" kernel 150
fi
[ -n "$steps" ] || exit 0 # the notebooks say for themselves
notebooks=300
[ "$profile" = quick ] && notebooks=180
total=$((total + notebooks)) steps="$steps, the notebooks ($notebooks s)"
echo "to be made: $steps; about $(((total + 59) / 60)) minutes in all on two idle cores, and the downloads"
