#!/bin/bash
# Installs what is missing: Debian packages (root or sudo) and pinned Python environments.
#   tools/bootstrap.sh build            packages for building and the demo
#   tools/bootstrap.sh test             those and the tests' packages
#   tools/bootstrap.sh venv NAME        .venv-NAME from tests/requirements-NAME.txt
set -eu
cd "$(dirname "$0")/.."

packages() {
	local want missing=()
	want=$(sed 's/#.*//' "$@")
	for p in $want; do
		# "package?command": only where the command is missing
		case $p in *\?*) command -v "${p#*\?}" >/dev/null && continue; p=${p%%\?*} ;; esac
		dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	local sudo=""
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null || { echo "bootstrap: run as root or install sudo; missing: ${missing[*]}" >&2; exit 1; }
		sudo=sudo
	fi
	echo "bootstrap: installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	$sudo apt-get update -qq
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

venv() {
	local name=$1 file="tests/requirements-$1.txt" dir=".venv-$1"
	[ -f "$file" ] || { echo "bootstrap: no $file" >&2; exit 1; }
	cmp -s "$file" "$dir/requirements.txt" 2>/dev/null && return 0
	echo "bootstrap: making $dir"
	/usr/bin/python3 -m venv --clear "$dir"
	"$dir/bin/pip" install -q --disable-pip-version-check --no-input -r "$file"
	cp "$file" "$dir/requirements.txt"
}

case ${1:-} in
build) packages tools/packages.txt ;;
demo) packages tools/packages.txt tools/packages-demo.txt ;;
test) packages tools/packages.txt tools/packages-test.txt ;;
venv) shift; for name; do venv "$name"; done ;;
*) sed -n '2,5p' "$0"; exit 2 ;;
esac
