# SPDX-License-Identifier: BSD-2-Clause
# bpf/relay.bpf.c -> build/relay.bpf.o -> build/relay.skel.h -> objects -> build/fzbpf-top

VERSION := 0.1.0
ifeq ($(origin CC),default)
CC := gcc
endif
CLANG ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool /usr/local/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 5

, := ,
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-8s %s\n' '$(1)' '$(2)')
B := build$(if $(SANITIZE),/asan)

# ---- flags
LIBRARIES := libbpf libpcap libelf ncursesw libmnl libcap-ng
WARNINGS := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Werror
SANITIZERS := $(if $(SANITIZE),-fsanitize=address$(,)undefined -fno-omit-frame-pointer)
DEFINES := -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DTESTS_DIR='"tests"' -Ibuild
CFLAGS ?= -O2 -g
COMPILE = $(CC) -std=gnu11 $(CFLAGS) $(WARNINGS) $(SANITIZERS) $(DEFINES) -MMD -MP
BPF_COMPILE = $(CLANG) -target bpf -mcpu=v3 -O2 -g -Wall -Wextra -Wshadow -Werror \
	-idirafter /usr/include/$(shell $(CC) -print-multiarch) -MMD -MP
link = $(CC) $(CFLAGS) $(SANITIZERS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(shell $(PKG_CONFIG) --libs $(1))

# ---- files
PROGRAM := $(B)/fzbpf-top
SOURCES := $(filter-out %.bpf.c,$(wildcard bpf/*.c capture/*.c src/*.c tui/*.c))
TEST_SOURCES := $(filter-out %.bpf.c tests/fuzz_%,$(wildcard tests/*.c))
BPF_SOURCES := $(filter-out %/variant.bpf.c,$(wildcard bpf/*.bpf.c tests/*.bpf.c tests/bench/*.bpf.c))
LAB_SOURCES := $(wildcard tests/lab/*.bpf.c)
BENCH_SOURCES := $(filter-out %.bpf.c,$(wildcard tests/bench/*.c))
FUZZERS := $(patsubst tests/%.c,build/%,$(wildcard tests/fuzz_*.c))
OBJECTS := $(SOURCES:%.c=$(B)/%.o)
TEST_OBJECTS := $(TEST_SOURCES:%.c=$(B)/%.o)
BENCH_OBJECTS := $(BENCH_SOURCES:%.c=$(B)/%.o)
BPF_OBJECTS := $(patsubst %.c,build/%.o,$(notdir $(BPF_SOURCES)))
SKELETONS := $(BPF_OBJECTS:.bpf.o=.skel.h)
VARIANTS := $(patsubst %,build/variant_%.bpf.o,learning ageing flow_cache flow_counters unfinished_test checks)
LAB_OBJECTS := $(LAB_SOURCES:tests/lab/%.c=build/%.o)
FORMATTED := $(wildcard $(foreach d,bpf capture src tui tests tests/bench tests/lab tests/load,$d/*.c $d/*.h))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help run demo check deps install uninstall clean lint format layers check-unit check-asan \
	check-lan check-matrix check-hosts check-load check-endings check-terminals check-kernel check-bench bench fuzz pictures lab format-check tidy shellcheck check-docs

all: $(PROGRAM) ## build build/fzbpf-top

$(PROGRAM): $(OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(call link,$(LIBRARIES))

$(B)/unit-tests: $(filter-out $(B)/src/main%,$(OBJECTS)) $(TEST_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(call link,$(LIBRARIES) criterion)

$(B)/%.o: %.c Makefile | $(SKELETONS)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -c -o $@ $<

build/load/%: tests/load/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(COMPILE) -o $@ $< $(shell $(PKG_CONFIG) --libs libbpf)

vpath %.bpf.c bpf tests tests/bench tests/lab
build/%.bpf.o: %.bpf.c
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPF_COMPILE) -c -o $@ $<

build/variant_%.bpf.o: tests/bench/variant.bpf.c
	$(call say,BPF,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(BPF_COMPILE) -DWITHOUT_$* -c -o $@ $<

# Generated code is not ours to warn about.
build/%.skel.h: build/%.bpf.o
	$(call say,SKELETON,$@)
	$(Q){ printf '#pragma GCC system_header\n/* NOLINTBEGIN */\n'; $(BPFTOOL) gen skeleton $< && \
		echo '/* NOLINTEND */'; } > $@

-include $(OBJECTS:.o=.d) $(TEST_OBJECTS:.o=.d) $(BENCH_OBJECTS:.o=.d) $(BPF_OBJECTS:.o=.d) $(LAB_OBJECTS:.o=.d) $(VARIANTS:.o=.d)

# ---- running
deps: ## install the Debian packages that are missing
	$(Q)tests/lab/deps.sh >&2

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: deps ## run on an interface of yours: make run IFACE=eth0
	$(Q)test -n '$(IFACE)' || { echo 'which interface? make run IFACE=eth0' >&2; exit 2; }
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all >&2
	$(Q)build/fzbpf-top $(IFACE) $(ARGS)

demo: deps ## a LAN with a TURN server and its traffic, and the program on it
	$(Q)$(MAKE) --no-print-directory -j$$(nproc) all lab >&2
	$(Q)tests/lab/demo.sh $(DEMO_ARGS)

lab: $(LAB_OBJECTS)

install: all ## to PREFIX (/usr/local), below DESTDIR if given
	install -D -m 755 build/fzbpf-top $(DESTDIR)$(PREFIX)/sbin/fzbpf-top
	install -D -m 644 packaging/fzbpf-top.8 $(DESTDIR)$(PREFIX)/share/man/man8/fzbpf-top.8
	install -D -m 644 packaging/fzbpf-top.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/fzbpf-top

uninstall: ## remove what install has put there
	rm -f $(DESTDIR)$(PREFIX)/sbin/fzbpf-top $(DESTDIR)$(PREFIX)/share/man/man8/fzbpf-top.8 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/fzbpf-top

clean: ## remove build/
	rm -rf build

# ---- checking
check: deps ## everything below: lint, unit tests, sanitizers, fuzzers, LAN, endings
	$(Q)tests/check.sh

lint: format-check layers tidy shellcheck ## formatting, clang-tidy, shellcheck, layers

format: ## format the C sources in place
	$(Q)clang-format -i $(FORMATTED)

format-check:
	$(Q)clang-format --dry-run -Werror $(FORMATTED)

tidy: build/tidy/compile_flags.txt
	$(Q)printf '%s\n' $(SOURCES) $(TEST_SOURCES) $(BENCH_SOURCES) | xargs -P 2 -n 3 clang-tidy --quiet -p build/tidy 2>/dev/null

build/tidy/compile_flags.txt: $(SKELETONS) Makefile
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' -std=gnu11 $(filter-out -Ibuild,$(DEFINES)) -isystem$(CURDIR)/build > $@

shellcheck:
	$(Q)shellcheck -x .ci/run tests/*.sh tests/*/*.sh packaging/fzbpf-top.bash

check-docs: ## the man page is well formed; tests/test_docs.c says that it is complete
	$(Q)mandoc -Tlint -W warning packaging/fzbpf-top.8

layers: ## which folder may include what
	$(Q)tests/check_layers.sh

check-unit: $(B)/unit-tests ## unit tests
	$(Q)$(B)/unit-tests

check-asan: ## unit tests with AddressSanitizer and UBSan
	$(Q)$(MAKE) --no-print-directory SANITIZE=1 build/asan/unit-tests
	$(Q)tests/check_asan.sh

check-lan: all lab ## real TURN sessions through the program, and through one that must fail
	$(Q)tests/check_lan.sh

check-matrix: all lab ## all that turnutils_uclient can do, in both modes, checksum offload on and off
	$(Q)tests/check_matrix.sh

check-hosts: all lab ## hosts behind a router, hosts that move, take over, fall silent
	$(Q)tests/check_hosts.sh

check-load: all build/load/send build/load/press ## 300,000 frames a second into a capture, keys pressed, and idle
	$(Q)tests/check_load.sh

check-endings: all lab ## every way to end, every way to be refused
	$(Q)tests/check_endings.sh

check-kernel: all lab build/unit-tests ## the program on the kernel of Debian 12, in a virtual machine
	$(Q)tests/check_kernel.sh

check-terminals: all lab ## terminal types, locales, sizes, colours, ^Z, mouse
	$(Q)tests/check_terminals.sh

check-bench: all lab build/bench $(VARIANTS) ## the benchmark measures what it says, and refuses when it cannot
	$(Q)tests/check_bench.sh

bench: all lab build/bench $(VARIANTS) ## what a frame costs, against yardsticks: a table, and build/bench.json
	$(Q)build/bench --json build/bench.json

build/bench: $(BENCH_OBJECTS) $(filter build/bpf/%,$(OBJECTS))
	$(call say,LINK,$@)
	$(Q)$(call link,libbpf libelf)

fuzz: $(FUZZERS) ## each fuzzer for FUZZ_SECONDS (5)
	$(Q)tests/check_fuzz.sh $(FUZZ_SECONDS) $(FUZZERS)

build/fuzz_classify: $(addprefix tests/,host_relay.c packets.c reference.c wire.c world.c)

build/fuzz_%: tests/fuzz_%.c $(filter src/% capture/pcapng%,$(SOURCES)) | $(SKELETONS)
	$(call say,FUZZER,$@)
	$(Q)$(CLANG) -std=gnu11 -O1 -g -fsanitize=fuzzer,address,undefined $(DEFINES) -o $@ \
		$(filter-out src/main%.c src/app.c,$(filter %.c,$^)) $(shell $(PKG_CONFIG) --libs libmnl libcap-ng)

pictures: all lab ## packaging/pictures, from a real run
	$(Q)tests/pictures/take.sh
