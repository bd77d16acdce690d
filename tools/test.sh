#!/bin/bash
# The whole test run: each stage prints its time; the last line is "N passed, N failed" over everything.
# A stage is tests/stages/NN-name.sh; it prints lines "PASS name", "SKIP name: why" or "FAIL name: why", and anything
# else. NN-name.long.sh is run with --long only.
#   tools/test.sh [--long] [STAGE...]
set -u
cd "$(dirname "$0")/.."
long=0
[ "${1:-}" = --long ] && { long=1; shift; }
export CORACLE_TEST_LONG=$long
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
passed=0 failed=0
for stage in tests/stages/*.sh; do
	name=$(basename "$stage" .sh)
	if [ $# -gt 0 ] && ! printf '%s\n' "$@" | grep -qx -- "${name#*-}"; then continue; fi
	case $name in *.long) [ $long = 1 ] || continue ;; esac
	start=$SECONDS
	echo "== $name"
	bash "$stage" 2>&1 | tee "$out/$name"
	code=${PIPESTATUS[0]}
	p=$(grep -c '^PASS ' "$out/$name")
	f=$(grep -c '^FAIL ' "$out/$name")
	if [ "$code" != 0 ] && [ "$f" = 0 ]; then
		echo "FAIL $name: exit code $code"
		f=1
	fi
	if [ "$p" = 0 ] && [ "$f" = 0 ] && ! grep -q '^SKIP ' "$out/$name"; then
		echo "FAIL $name: ran no test"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f))
	echo "== $name: $p passed, $f failed, $((SECONDS - start)) s"
done
grep -h '^FAIL ' "$out"/* 2>/dev/null
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
