# A thin face on Meson. `make` builds the release binary at build/coracle.
.PHONY: all setup test test-long bench fuzz demo install clean
all: setup
	ninja -C build coracle
setup:
	@tools/bootstrap.sh build
	@[ -f build/build.ninja ] || meson setup build -Dbuildtype=release >/dev/null
test:
	@tools/bootstrap.sh test
	@tools/test.sh
test-long:
	@tools/bootstrap.sh test
	@tools/test.sh --long
bench: all
	@bench/run.sh
fuzz:
	@tools/bootstrap.sh test
	@tests/fuzz/run.sh $(or $(TARGET),all) $(or $(SECONDS),60)
demo: all
	@examples/text-clustering/demo.sh $(if $(KEEP),--keep)
install: all
	meson install -C build --no-rebuild
clean:
	rm -rf build build-*
