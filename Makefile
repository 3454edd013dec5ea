# SPDX-License-Identifier: MIT
# Conducts meson.build. make, demo and test install what is missing first (build-aux/setup.sh).
PREFIX ?= /usr/local
SUITE ?= all
ONLY ?=
LONG ?=
NEEDS = build
STAGE = $(CURDIR)/build/stage
CROSS_pe64 = --cross-file build-aux/x86_64-w64-mingw32.txt
CROSS_pe32 = --cross-file build-aux/i686-w64-mingw32.txt

.PHONY: all stage halves demo test bench check-distros install uninstall clean
all: stage

# The lock keeps two runs of one checkout from building at the same time.
stage:
	@build-aux/setup.sh $(NEEDS)
	@mkdir -p build && flock build/.lock $(MAKE) --no-print-directory halves

halves: build/native/build.ninja build/pe64/build.ninja build/pe32/build.ninja
	@for half in native pe64 pe32; do \
	    log=build/$$half/make.log; failed=0; \
	    { ninja -C build/$$half --quiet && meson install -C build/$$half --no-rebuild \
	        --only-changed --quiet --destdir $(STAGE); } >$$log 2>&1 || failed=1; \
	    if [ $$failed = 1 ]; then cat $$log; exit 1; fi; \
	    sed -n '/warning:/,$$p' $$log; \
	done

# From nothing each time, but for what is built: Meson keeps in mind what it has looked for in vain.
build/%/build.ninja:
	@rm -f build/$*/meson-private/coredata.dat
	@meson setup $(CROSS_$*) build/$* >build/setup-$*.log || { cat build/setup-$*.log; exit 1; }

demo: NEEDS = demo
demo: stage
	@python3 tests/demo.py

test: NEEDS = test
test: stage
	@ONLY="$(ONLY)" LONG="$(LONG)" python3 tests/run.py $(SUITE)

bench: NEEDS = test
bench: stage
	@LONG="$(LONG)" python3 bench/run.py

check-distros: NEEDS = distros
check-distros: stage
	@ONLY="$(ONLY)" LONG="$(LONG)" python3 tests/distros.py

install: stage
	@build-aux/install.sh install $(STAGE) "$(DESTDIR)$(PREFIX)"

uninstall:
	@build-aux/install.sh uninstall "$(DESTDIR)$(PREFIX)"

clean:
	rm -rf --one-file-system build
