# make build | demo | test | fuzz | bench        see README.md
SHELL := /bin/bash
JOBS ?= $(shell nproc)
export CCACHE_SLOPPINESS := pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_BASEDIR := $(CURDIR)

.PHONY: build demo test fuzz bench profile

build: ## the optimised binary at build/release/boni
	@tools/setup.sh build
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS)

demo: build ## one real call, everything shown; ONCE=1 ends with an exit status
	@python3 tools/demo.py $(if $(ONCE),--once)

test: ## everything CI runs for a change; PARTS="tidy unit" runs some of it
	@tools/setup.sh test
	@tools/test.sh $(PARTS)

fuzz: ## every fuzzer for SECONDS (60); NAMES="json url" runs some
	@tools/setup.sh test
	@FUZZ_SECONDS=$(if $(filter command line,$(origin SECONDS)),$(SECONDS),60) FUZZ_NAMES="$(NAMES)" tools/test.sh fuzz

bench: build ## every bench with its raw primitive; figures: bench/README.md
	@cmake --build --preset release -j $(JOBS) --target benches
	@build/release/bench/media_bench
	@build/release/bench/webhook_bench
	@python3 tools/load.py
	@python3 tools/load.py --stream

profile: ## cmake/boni.profdata anew, from what the benches do; docs/decisions/0010
	@tools/setup.sh test
	@JOBS=$(JOBS) tools/profile.sh
