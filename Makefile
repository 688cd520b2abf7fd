# What people do with this project. Each target installs what it needs (scripts/need).

BINARY := build/release/oms-operator
VERSION = $(shell sed -n 's/^project(oms_operator VERSION \([^ ]*\).*/\1/p' CMakeLists.txt)

.DEFAULT_GOAL := help
.PHONY: help build package image demo test bench fuzz lint clean

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## The binary that is shipped, at build/release/oms-operator
	@scripts/need build
	@cmake --preset release >/dev/null
	@cmake --build --preset release
	@$(BINARY) --version

package: ## A .deb of the binary, its man page, completion and systemd unit, in build/package
	@scripts/need build package
	@$(MAKE) --no-print-directory build
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct 2>/dev/null || date +%s) \
	    cpack --config build/release/CPackConfig.cmake -B build/package >build/package.log || { cat build/package.log; exit 1; }
	@ls -l build/package/*.deb

image: ## The image, by the Docker of this machine
	@docker build --file operator/Dockerfile --tag oms-operator:$(VERSION) .
	@docker image inspect --format 'oms-operator:$(VERSION) is {{.Size}} bytes' oms-operator:$(VERSION)

demo: ## An upgrade on real servers, and nothing left behind; FAULT=never-healthy a rollback; KEEP=1 keeps it
	@scripts/need build bed
	@$(MAKE) --no-print-directory build
	@scripts/demo $(if $(FAULT),--fault $(FAULT)) $(if $(KEEP),--keep)

test: ## Every test there is; the last line says how many passed and failed
	@scripts/test

bench: ## The figures that we promise
	@scripts/need build bed bench
	@$(MAKE) --no-print-directory build
	@scripts/bench

fuzz: ## Each parser of what comes from outside, fed with nonsense for a minute
	@scripts/fuzz

lint: ## clang-format and clang-tidy
	@scripts/need build lint
	@scripts/lint

clean: ## Remove what was built, and worlds that were left behind
	@rm -rf build
	@tests/bed/clean
