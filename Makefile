# Everything a newcomer needs: `make demo` and `make test`. `make help` lists the rest.
SWIFT_FLAGS := --explicit-target-dependency-import-check error
BANTAM := .build/release/bantam
# Full paths, so that a demo can run from any folder.
DEMO := $(CURDIR)/demo
FASHION_MNIST := /usr/share/datasets/fashion-mnist
GAUNTLET_BINARY := .build/debug/bantam
SHARD := 1/1

.PHONY: help deps build demo test lint conformance conformance-int8 imports imports-all gauntlet gauntlet-quick bench fuzz docs clean

help: ## Lists the targets.
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

# Every time: it takes a moment when all is there, and an emptied cache would otherwise show as a compiler's error.
deps:
	@Scripts/bootstrap

build: deps ## Builds the release binary, .build/release/bantam.
	swift build -c release $(SWIFT_FLAGS)

demo: build ## Trains a small CNN on Fashion-MNIST and slims it by each method: about 5 minutes.
	$(BANTAM) slim --data $(FASHION_MNIST) --output $(DEMO)

test: deps lint ## Builds and runs every test.
	swift build --build-tests $(SWIFT_FLAGS)
	swift test --skip-build

lint: ## Checks the source's formatting and conventions.
	@Scripts/check

conformance: deps ## Runs ONNX's own tests of operators, the built-in networks, and real models that `make imports` made.
	@Conformance/run
	@Conformance/architectures
	@[ ! -e .venv-models/complete ] || Conformance/import

imports: deps ## Exports a model of each family from PyTorch and imports it: half an hour the first time.
	@Conformance/import

imports-all: deps ## The same with every model: hours the first time.
	@Conformance/import --all

conformance-int8: deps ## Compares quantized networks with ONNX Runtime and OpenVINO, within one step: 10 minutes.
	@Conformance/quantized

gauntlet: build ## Every command on every model, judged by what the user gets: 3 hours; SHARD=1/4, BUDGET=seconds.
	@Gauntlet/run --shard $(SHARD) $(if $(BUDGET),--budget $(BUDGET))

# The binary that the tests build, so that nothing is built twice; name another with GAUNTLET_BINARY.
gauntlet-quick: deps ## Its part of 4 minutes: the cases and three tiny networks.
	@[ -e $(GAUNTLET_BINARY) ] || swift build $(SWIFT_FLAGS)
	@Gauntlet/run --self-test --binary $(GAUNTLET_BINARY)
	@Gauntlet/run --quick --jobs 2 --binary $(GAUNTLET_BINARY)

bench: build ## Compares with PyTorch and others, side by side; builds a Python environment first.
	@Benchmarks/run

SECONDS_EACH := 60

fuzz: deps ## Feeds the file readers what a fuzzer makes of good files; SECONDS_EACH=600 for longer.
	@Fuzzing/run $(SECONDS_EACH)

docs: ## Builds the documentation of each library into .build/documentation.
	@Scripts/documentation

clean: ## Removes what was built, not the cached libraries.
	swift package clean
	rm -rf $(DEMO)
