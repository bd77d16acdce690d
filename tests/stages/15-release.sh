# The release build: what size, memory, system calls and speed are judged on.
set -u
binary_bytes_max=$((12 << 20))
[ -f build/build.ninja ] || meson setup build -Dbuildtype=release >/dev/null || exit 1
if ninja -C build coracle >build/log 2>&1; then
	echo "PASS build/release"
else
	tail -40 build/log
	echo "FAIL build/release: see above"
	exit 1
fi
bytes=$(stat -c %s build/coracle)
if [ "$bytes" -lt $binary_bytes_max ]; then echo "PASS weight/binary ($bytes bytes)"; else echo "FAIL weight/binary: $bytes bytes"; fi
