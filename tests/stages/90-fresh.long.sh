# A fresh Debian 12 with nothing installed: git clone, make demo. Where root and debootstrap are.
set -u
command -v debootstrap >/dev/null || { [ "$(id -u)" = 0 ] && apt-get install -y -qq debootstrap >/dev/null 2>&1; }
if [ "$(id -u)" != 0 ] || ! command -v debootstrap >/dev/null; then
	echo "SKIP fresh/demo: needs root and debootstrap"
	exit
fi
folder=$(mktemp -d /var/tmp/coracle-fresh.XXXXXX)
trap 'rm -rf --one-file-system "$folder"' EXIT
if tests/fresh/fresh.sh "$folder/debian" make demo >"$folder/log" 2>&1 && grep -q '"predictions":\[' "$folder/log"; then
	echo "PASS fresh/demo"
else
	tail -40 "$folder/log"
	echo "FAIL fresh/demo: see above"
fi
