# Every fuzz target from its committed corpus for a few seconds; `make fuzz` runs them for longer.
set -u
for name in $(cat tests/fuzz/*.list); do
	n=$(find "tests/fuzz/corpus/$name" -type f 2>/dev/null | wc -l)
	if [ "$n" -ge 5 ]; then echo "PASS fuzz/corpus/$name ($n inputs)"; else echo "FAIL fuzz/corpus/$name: $n inputs, want 5"; fi
done
tests/fuzz/run.sh all "$([ "${CORACLE_TEST_LONG:-0}" = 1 ] && echo 180 || echo 5)"
