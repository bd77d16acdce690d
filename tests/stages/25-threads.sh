# Tests that run threads against each other, under the thread sanitizer.
set -u
tests="store_db store_object store_lane net_http serving_endpoint api_v1 api_v2 cluster_queue cluster_watch cluster_resource cluster_collector"
dir=${CORACLE_BUILD_ROOT:-.}/build-tsan
[ -f "$dir/build.ninja" ] || CC=gcc meson setup "$dir" -Dbuildtype=debugoptimized -Db_sanitize=thread >/dev/null || exit 1
ninja -C "$dir" $(printf 'tests/test_%s ' $tests) >"$dir/log" 2>&1 || { tail -40 "$dir/log"; echo "FAIL threads/build: see above"; exit 1; }
export TSAN_OPTIONS="suppressions=$PWD/tests/tsan.supp"
for t in $tests; do
	if timeout 300 "$dir/tests/test_$t" >"$dir/$t.log" 2>&1; then
		echo "PASS threads/$t"
	else
		tail -60 "$dir/$t.log"
		echo "FAIL threads/$t: see above"
	fi
done
