#!/bin/bash
# The whole test run: each stage prints its time; the last line is "N passed, N failed" over everything.
# A stage is tests/stages/NN-name.sh; it prints lines "PASS name", "SKIP name: why" or "FAIL name: why", and anything
# else; an exit code other than 0 is a failure too. NN-name.long.sh is run with --long only.
#   tools/test.sh [--long] [STAGE...]
#
# A stage that runs the program finds in CORACLE_CHECKED the sanitizers' build, when there is one, else the release build.
# Both are brought up to date before it.
set -u
cd "$(dirname "$0")/.."
long=0
[ "${1:-}" = --long ] && { long=1; shift; }
export CORACLE_TEST_LONG=$long
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-halt_on_error=1:print_stacktrace=1} # or what it finds would only be printed
asan=${CORACLE_BUILD_ROOT:-.}/build-asan
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

for wanted; do
	ls tests/stages | grep -qE "^[0-9]+-$wanted(\.long)?\.sh$" || { echo "test: there is no stage \"$wanted\"" >&2; exit 2; }
done

program() { # brings the program up to date and names it
	[ -f build/build.ninja ] || meson setup build -Dbuildtype=release >/dev/null || return 1
	ninja -C build coracle >"$out/program" || { tail -20 "$out/program"; return 1; }
	CORACLE_CHECKED=$PWD/build/coracle
	[ -f "$asan/build.ninja" ] || return 0
	ninja -C "$asan" coracle >"$out/program" || { tail -20 "$out/program"; return 1; }
	CORACLE_CHECKED=$(realpath "$asan/coracle")
}

passed=0 failed=0
for stage in tests/stages/*.sh; do
	name=$(basename "$stage" .sh)
	if [ $# -gt 0 ] && ! printf '%s\n' "$@" | grep -qxE -- "${name#*-}|$(basename "${name#*-}" .long)"; then continue; fi
	case $name in *.long) [ $long = 1 ] || continue ;; esac
	start=$SECONDS
	echo "== $name"
	code=0
	if grep -qE 'CORACLE|tests/(conformance|crash)' "$stage"; then program || code=$?; fi
	export CORACLE_CHECKED
	if [ $code = 0 ]; then
		bash "$stage" 2>&1 | tee "$out/$name"
		code=${PIPESTATUS[0]}
	fi
	touch "$out/$name"
	p=$(grep -c '^PASS ' "$out/$name")
	f=$(grep -c '^FAIL ' "$out/$name")
	why=
	if [ "$code" != 0 ] && [ "$f" = 0 ]; then why="exit code $code"; fi
	if [ "$p" = 0 ] && [ "$f" = 0 ] && ! grep -q '^SKIP ' "$out/$name"; then why=${why:-ran no test}; fi
	if [ "$why" ]; then
		echo "FAIL $name: $why" | tee -a "$out/$name"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f))
	echo "== $name: $p passed, $f failed, $((SECONDS - start)) s"
done
grep -h '^FAIL ' "$out"/* 2>/dev/null
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
