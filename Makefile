# make build | demo | test        see README.md
SHELL := /bin/bash
JOBS ?= $(shell nproc)
export CCACHE_SLOPPINESS := pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_BASEDIR := $(CURDIR)

.PHONY: build demo test

build: ## the optimised binary at build/release/boni
	@tools/setup.sh build
	@cmake --preset release --log-level=WARNING
	@cmake --build --preset release -j $(JOBS)

demo: build ## one real call, everything shown; ONCE=1 ends with an exit status
	@python3 tools/demo.py $(if $(ONCE),--once)

test: ## everything CI runs for a change; PARTS="tidy unit" runs some of it
	@tools/setup.sh test
	@tools/test.sh $(PARTS)
