#!/bin/sh
# Creates the private Python environment that notebooks run in.
#
#   tools/venv.sh FOLDER REQUIREMENTS
#
# The interpreter is $PYTHON, or python3. An environment that is complete and
# newer than the requirements is kept; one that was left half-made is made
# again.
set -eu

dir=$1
requirements=$2
python=${PYTHON:-python3}

fail() {
	echo "venv: $*" >&2
	exit 1
}

command -v "$python" >/dev/null 2>&1 ||
	fail "no $python found: install Python 3.10 or newer, or name one with PYTHON=/path/to/python3"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' ||
	fail "$("$python" --version) is too old: 3.10 or newer is needed (name one with PYTHON=/path/to/python3)"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
	fail "$python cannot make environments: on Debian and Ubuntu, install python3-venv"

stamp=$dir/.complete
# Making an environment empties its folder: one that holds something must be ours.
mark=$dir/.nngplab-venv
# An earlier version left no mark of its own but the list of what it installed.
earlier() { [ -e "$1/pyvenv.cfg" ] && grep -q '^[A-Za-z0-9_.-]*==' "$1/.complete" 2>/dev/null; }
if [ -e "$dir" ] && [ ! -e "$mark" ] && ! earlier "$dir" && [ -n "$(ls -A "$dir")" ]; then
	fail "$dir was not made by this program, and is left as it is: move it away, or name another folder with VENV="
fi
if [ -e "$stamp" ] && cmp -s "$stamp" "$requirements" && "$dir/bin/python" -c '' 2>/dev/null; then
	touch "$stamp"
	exit 0
fi

echo "venv: installing $(grep -c == "$requirements") pinned packages into $dir (a minute or two, once)"
mkdir -p "$dir"
: >"$mark"
rm -f "$stamp"
find "$dir/" -mindepth 1 -maxdepth 1 ! -name .nngplab-venv -exec rm -rf {} +
beat=$(dirname "$0")/beat.sh
"$beat" "environment, pip" 20 "$python" -m venv "$dir"
"$beat" environment 90 "$dir/bin/python" -m pip install --quiet --disable-pip-version-check --no-input -r "$requirements" ||
	fail "pip could not install $requirements; the lines above say why"
cp "$requirements" "$stamp"
