#!/bin/bash
# Fuzzes: builds every target with clang's libFuzzer, ASan and UBSan in build-fuzz, and runs them two at a time.
#   tests/fuzz/run.sh [TARGET|all] [SECONDS]     60 s each, `make fuzz TARGET=json SECONDS=180`
#   tests/fuzz/run.sh --minimise [TARGET|all]    takes what was found into tests/fuzz/corpus, smallest set, small files
#
# A target starts from tests/fuzz/corpus/<noun> (committed) and grows build-fuzz/corpus/<noun>. What it finds is in
# build-fuzz/findings/<noun>; give that file to build-fuzz/tests/fuzz/fuzz_<noun>, mend it, and make a unit test of it.
# tests/fuzz/dict/<noun> (AFL's format) is used where there is one.
set -u
cd "$(dirname "$0")/../.."
root=$PWD
dir=${CORACLE_BUILD_ROOT:-.}/build-fuzz
minimise=0
[ "${1:-}" = --minimise ] && { minimise=1; shift; }
want=${1:-all}
seconds=${2:-60}
input_bytes_max=16384 # of a generated input: slow inputs find less
committed_bytes_max=4096

[ -f "$dir/build.ninja" ] || CC=clang-14 meson setup "$dir" -Dfuzz=true -Dbuildtype=debugoptimized \
	-Db_sanitize=address,undefined -Db_lundef=false -Dwerror=true >/dev/null || exit 1
targets=()
while read -r name; do
	[ "$want" = all ] || [ "$want" = "$name" ] && targets+=("$name")
done < <(cat tests/fuzz/*.list)
[ ${#targets[@]} -gt 0 ] || { echo "fuzz: there is no target \"$want\"; there are" $(cat tests/fuzz/*.list) >&2; exit 2; }
program=()
[ "$want" = all ] && program=(coracle) # so that clang has seen every file, its warnings as errors
if ninja -C "$dir" "${program[@]}" "${targets[@]/#/tests/fuzz/fuzz_}" >"$dir/log" 2>&1; then
	echo "PASS build/clang"
else
	tail -40 "$dir/log"
	echo "FAIL build/clang: see above"
	exit 1
fi

export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:detect_stack_use_after_return=0
export UBSAN_OPTIONS=print_stacktrace=1

one() { # one NAME: fuzzes one target, prints its PASS or FAIL line
	local name=$1 work=$dir/corpus/$1 found=$dir/findings/$1 log=$dir/findings/$1.log dict=()
	mkdir -p "$work" "$found" "tests/fuzz/corpus/$name"
	[ -f "tests/fuzz/dict/$name" ] && dict=(-dict="tests/fuzz/dict/$name")
	if "$dir/tests/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=$input_bytes_max \
		-print_final_stats=1 -artifact_prefix="$found/" "${dict[@]}" "$work" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
		echo "PASS fuzz/$name ($(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs," \
			"coverage $(grep -o 'cov: [0-9]*' "$log" | tail -1 | cut -c6-))"
	else
		echo "FAIL fuzz/$name: $(grep -m1 -E 'ERROR|SUMMARY|Assertion|runtime error' "$log"); see $log and $found"
	fi
}

merge() { # merge NAME: the smallest set of small inputs that reaches what all known inputs reach
	local name=$1 into=$dir/merged/$1
	rm -rf "$into"
	mkdir -p "$into" "$dir/corpus/$name"
	"$dir/tests/fuzz/fuzz_$name" -merge=1 -max_len=$committed_bytes_max "$into" "tests/fuzz/corpus/$name" \
		"$dir/corpus/$name" >"$dir/merged/$name.log" 2>&1 || { tail -5 "$dir/merged/$name.log"; return 1; }
	# Seeds with a name of their own are kept: they say what they are.
	find "tests/fuzz/corpus/$name" -type f -regextype posix-extended -regex '.*/[0-9a-f]{40}' -delete
	cp -n "$into"/* "tests/fuzz/corpus/$name/"
	echo "fuzz: $name has $(find "tests/fuzz/corpus/$name" -type f | wc -l) inputs"
}

mkdir -p "$dir/findings" "$dir/merged"
export -f one merge
export dir root seconds input_bytes_max committed_bytes_max
if [ $minimise = 1 ]; then
	printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c 'merge {}'
	exit
fi
printf '%s\n' "${targets[@]}" | xargs -P 2 -I{} bash -c 'one {}' | tee "$dir/results"
[ "$(grep -c '^PASS ' "$dir/results")" = ${#targets[@]} ]
