# Everything a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
SWIFT_FLAGS := --explicit-target-dependency-import-check error
BANTAM := .build/release/bantam
# Full paths, so that a demo can run from any folder.
DEMO := $(CURDIR)/demo
FASHION_MNIST := /usr/share/datasets/fashion-mnist
GAUNTLET_BINARY := .build/debug/bantam
SHARD := 1/1

.PHONY: help deps build install demo test lint conformance conformance-int8 imports imports-all gauntlet gauntlet-quick bench \
	fuzz docs smoke smoke-quick clean

help: ## Lists the targets.
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 20

# Every time: it takes a moment when all is there, and an emptied cache would otherwise show as a compiler's error.
deps:
	@Scripts/bootstrap

build: deps ## Builds the release binary, .build/release/bantam.
	swift build -c release $(SWIFT_FLAGS)

PREFIX := /usr/local

install: build ## Puts the binary and its libraries into a folder that can be moved: PREFIX=/usr/local unless named.
	@Scripts/install $(PREFIX)

demo: build ## Trains a small CNN on Fashion-MNIST and slims it by each method: about 5 minutes.
	$(BANTAM) slim --data $(FASHION_MNIST) --output $(DEMO) $(if $(RECIPE),--recipe $(RECIPE))

test: deps lint ## Builds and runs every test and the gauntlet's quick part; ONLY=Suite runs the tests whose names match.
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build $(if $(ONLY),--filter $(ONLY))
	$(if $(ONLY),,@$(MAKE) --no-print-directory gauntlet-quick)

lint: ## Checks the source's formatting and conventions.
	@Scripts/check

conformance: deps ## Runs ONNX's own tests of operators, the built-in networks, and what `make imports` made; ONLY=relu.
	@Conformance/run $(ONLY)
	@[ -n "$(ONLY)" ] || Conformance/architectures
	@[ -n "$(ONLY)" ] || [ ! -e .venv-models/complete ] || Conformance/import

imports: deps ## Exports a model of each family from PyTorch and imports it: half an hour the first time; ONLY=MODEL.
	@Conformance/import $(ONLY)

imports-all: deps ## The same with every model: hours the first time.
	@Conformance/import --all

conformance-int8: deps ## Compares quantized networks with ONNX Runtime and OpenVINO, within one step: 10 minutes; ONLY=CASE.
	@Conformance/quantized $(ONLY)

gauntlet: build ## Every command on every model, judged by what the user gets: 3 hours; SHARD=1/4, BUDGET=seconds.
	@Gauntlet/run --shard $(SHARD) $(if $(BUDGET),--budget $(BUDGET))

# The binary that the tests build, so that nothing is built twice; name another with GAUNTLET_BINARY.
gauntlet-quick: deps ## Its part of 4 minutes: the cases and three tiny networks.
	@[ -e $(GAUNTLET_BINARY) ] || swift build $(SWIFT_FLAGS)
	@Gauntlet/run --self-test --binary $(GAUNTLET_BINARY)
	@Gauntlet/run --quick --jobs 2 --binary $(GAUNTLET_BINARY)

bench: build ## Compares with PyTorch and others, side by side, in a Python environment of its own; ONLY=inspect for a part.
	@Benchmarks/run $(if $(ONLY),--only $(ONLY)) $(if $(THREADS),--threads $(THREADS))

SECONDS_EACH := 60

fuzz: deps ## Feeds the file readers what a fuzzer makes of good files; SECONDS_EACH=600 for longer.
	@Fuzzing/run $(SECONDS_EACH)

docs: deps ## Builds the documentation of each library into .build/documentation; ONLY=BantamGraph for one.
	@Scripts/documentation $(ONLY)

smoke: ## Each of these in its smallest form, in a fresh clone: 20 to 40 minutes, most of it building; STEPS="docs bench".
	@Scripts/smoke $(STEPS)

smoke-quick: ## Those that need no other project's software, with what `make test` has built: under 2 minutes.
	@Scripts/smoke --quick

clean: ## Removes what was built, not the cached libraries.
	swift package clean
	rm -rf $(DEMO)
