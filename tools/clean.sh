#!/bin/sh
# Removes what make built, and nothing else: the environment if it carries our
# mark, the program, and what lies in build/ under names that make gives. Scores
# that were computed, which may be months of work, stay.
#
#   tools/clean.sh VENV
set -eu
venv=$1

# An earlier version left no mark of its own but the list of what it installed.
earlier() { [ -e "$1/pyvenv.cfg" ] && grep -q '^[A-Za-z0-9_.-]*==' "$1/.complete" 2>/dev/null; }

if [ -e "$venv/.nngplab-venv" ] || earlier "$venv"; then
	rm -rf "$venv"
elif [ -e "$venv" ]; then
	echo "clean: $venv was not made by this program, and stays" >&2
fi
rm -f bin/nngplab
for name in kernel.stamp times reports reports-drawn reports-state.json peers avx512 soak; do
	rm -rf "build/$name"
done
for dir in bin build; do
	if [ -d "$dir" ] && ! rmdir "$dir" 2>/dev/null; then
		echo "clean: $dir holds other files, which stay: $(ls "$dir" | tr '\n' ' ')" >&2
	fi
done
find . -name __pycache__ -type d -prune -exec rm -rf {} +
