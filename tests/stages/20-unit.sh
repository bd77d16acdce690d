# Unit tests under ASan and UBSan, gcc with warnings as errors. (clang's warnings are errors in the fuzzers' build.)
set -u
dir=${CORACLE_BUILD_ROOT:-.}/build-asan
[ -f "$dir/build.ninja" ] || CC=gcc meson setup "$dir" -Dbuildtype=debugoptimized -Db_sanitize=address,undefined -Dwerror=true >/dev/null || exit 1
if ninja -C "$dir" >/dev/null 2>"$dir/log" || { ninja -C "$dir" | tail -40; false; }; then echo "PASS build/gcc-asan"; else echo "FAIL build/gcc-asan: see above"; exit 1; fi
rm -f "$dir/meson-logs/testlog.json" # or those of the run before would count
meson test -C "$dir" --no-rebuild --print-errorlogs >"$dir/meson-test.log" 2>&1 || tail -60 "$dir/meson-test.log"
python3 tools/meson_results.py "$dir/meson-logs/testlog.json"
