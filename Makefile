# Everything a person or a machine does with nngplab. Needs Go, Python 3.10 or
# newer, make, and nothing else prepared.

PYTHON  ?= python3
GO      ?= go
VENV    ?= .venv
# quick: minutes, for checks; full: the numbers that the reports state.
PROFILE ?= full
# 1: compute the tables of scores from the images (hours), not read them.
RECOMPUTE ?=
# How long each fuzz target, and the soak, run.
FUZZTIME ?= 60s
# Fuzz targets that run side by side.
FUZZJOBS ?= 1
SOAKTIME ?= 1h
# Random programs of `make differential`.
N     ?= 1000
SEED  ?= 1
FIRST ?= 0
# Where `make lab` works, and more flags for JupyterLab.
LABDIR   ?= lab
LABFLAGS ?=
# More flags for `go test`, such as -v or -race.
TESTFLAGS ?=

# Real data beside the checkout are used where they are.
ifneq ($(wildcard ../shared/data),)
export NNGPLAB_DATA ?= $(abspath ../shared/data)
endif
# Scores that were computed stay here, so that nothing is computed twice.
export NNGPLAB_SCORES ?= $(abspath build/scores)
export PYTHON

PY := $(VENV)/bin/python
# All that the kernel is built from.
KERNEL_SOURCES := go.mod go.sum $(shell find nngpkit internal datasets cmd -type f ! -name '*_test.go' ! -path '*/testdata/*' ! -path '*/conformance/*' 2>/dev/null)

.PHONY: help kernel lab reproduce compare notebooks test lint bench peers conformance differential arm64 avx512 fuzz soak clean begin FORCE

help: ## show this list
	@echo "make TARGET"
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

begin:
	@tools/begin.sh $(VENV) $(PROFILE)

bin/nngplab: FORCE
	@tools/beat.sh program 90 $(GO) build -ldflags "-X github.com/nngplab/nngplab/nngpkit/sweep.Revision=$$(git describe --always --dirty 2>/dev/null)" -o $@ ./cmd/nngplab

$(VENV)/.complete: requirements.txt tools/venv.sh
	@tools/venv.sh $(VENV) requirements.txt

build/kernel.stamp: $(VENV)/.complete $(KERNEL_SOURCES)
	@$(MAKE) --no-print-directory bin/nngplab
	@tools/beat.sh kernel 150 bin/nngplab kernel install --prefix $(VENV)
	@mkdir -p build && touch $@

kernel: build/kernel.stamp ## build the Go kernel and install it into the private .venv

lab: build/kernel.stamp ## open JupyterLab on copies of the notebooks in lab/ (LABDIR=FOLDER, LABFLAGS="--no-browser")
	@$(PY) tools/workspace.py $(LABDIR)
	@# Not $(VENV)/bin/jupyter, which a shell starts by the checkout's name.
	$(PY) -m jupyterlab --ServerApp.root_dir=$(LABDIR) --LabApp.default_url=/lab/tree/notebooks \
		$(if $(filter 0,$(shell id -u)),--allow-root) $(LABFLAGS)

reproduce: begin build/kernel.stamp bin/nngplab ## run the notebooks and write reports/ (PROFILE=quick: build/reports/)
	@tools/beat.sh "the published tables" 20 bin/nngplab data fetch --small --try
	@$(PY) tools/reports.py --profile $(PROFILE) $(if $(filter 1,$(RECOMPUTE)),--recompute)

compare: $(VENV)/.complete ## compare the numbers of the quick profile with reports/
	@$(PY) tools/compare.py

notebooks: build/kernel.stamp ## run the notebooks in full, write reports/ and their outputs into them
	@$(PY) tools/reports.py --profile full --write-back

test: build/kernel.stamp ## run all tests
	$(GO) vet ./...
	$(GO) test $(TESTFLAGS) ./...
	cd tools && ../$(PY) -m unittest -v
	cd bench && ../$(PY) -m unittest -v

lint: ## check the format of Go files, and run golangci-lint as .golangci.yml says
	@GO="$(GO)" tools/lint.sh

bench: ## run the benchmarks of all packages
	$(GO) test -run '^$$' -bench . -benchmem ./...

peers: ## measure ours beside JAX, onnxruntime and SciPy, write docs/PERFORMANCE.md (PEERS=--quick: try it)
	@$(PYTHON) bench/peers.py --write $(PEERS)

conformance: ## put Go's own test programs through the kernel and print the table (CONFORMANCE=-part: what CI runs)
	@$(GO) run ./internal/gokernel/conformance/cmd/conformance $(CONFORMANCE)

differential: ## compare the kernel with compiled Go on N random programs of SEED (FIRST: number of the first)
	@$(GO) run ./internal/gokernel/conformance/differential/cmd/differential -n $(N) -seed $(SEED) -first $(FIRST)

arm64: ## run the engine's tests as arm64 code, under QEMU on other processors
	@tools/arm64.sh

avx512: ## run the engine's tests with AVX-512, in Bochs on processors without
	@tools/avx512.sh

fuzz: ## run every fuzz target for FUZZTIME each (FUZZ=name: those that match)
	@$(GO) run ./tools/fuzz -time $(FUZZTIME) -jobs $(FUZZJOBS) $(if $(FUZZ),-match $(FUZZ))

soak: build/kernel.stamp bin/nngplab ## cells in one kernel, sweeps that are killed, fetches from a failing server, SOAKTIME each: nothing may grow
	@$(GO) run ./tools/soak -time $(SOAKTIME) -program bin/nngplab -python $(PY)

clean: ## remove what make built; scores that were computed stay in build/scores
	@tools/clean.sh $(VENV)
