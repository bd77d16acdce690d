# The release build: what size, memory, system calls and speed are judged on. Both compilers, warnings are errors.
set -u
binary_bytes_max=$((12 << 20))
release() { # release COMPILER DIR
	[ -f "$2/build.ninja" ] || CC=$1 meson setup "$2" -Dbuildtype=release -Dwerror=true >/dev/null || exit 1
	if ninja -C "$2" coracle >"$2/log" 2>&1 && ! grep -q 'warning:' "$2/log"; then
		echo "PASS build/release-$1"
	else
		grep -E -A6 'warning:|error:|FAILED' "$2/log" | head -40
		echo "FAIL build/release-$1: see above"
		exit 1
	fi
}
release gcc build
release clang-14 build-clang
bytes=$(stat -c %s build/coracle)
if [ "$bytes" -lt $binary_bytes_max ]; then echo "PASS weight/binary ($bytes bytes)"; else echo "FAIL weight/binary: $bytes bytes"; fi
