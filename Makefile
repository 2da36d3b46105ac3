# Two commands do everything on a fresh machine with Python 3.11+, git, make and Node: `make demo` and `make test`.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# A file of tests stays with one worker. Programs and editors take memory: no more than four at once.
PYTEST_ARGS ?= -n auto --maxprocesses 4 --dist loadfile

.PHONY: demo picture pictures test lint editors tools bench bench-ci fuzz bench-claude bench-ratchet bench-mcp bench-editors fmt clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/.made:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check 'pip>=25.1'
	@touch $@

$(VENV)/.runtime: $(VENV)/.made pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[demo]'
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --group dev
	@touch $@

demo: $(VENV)/.runtime ## the main job on a throw-away repository: no account, no login
	$(BIN)/factory-ls demo $(DEMO_ARGS)

picture: $(VENV)/.runtime ## the README's picture, from a real run
	$(BIN)/factory-ls demo --svg docs/demo.svg

pictures: $(VENV)/.dev ## the README's pictures of editors, made by their tests
	FACTORY_PICTURES=$(CURDIR)/docs $(BIN)/python -m pytest tests/editors -k "test_story and not neovim or view or story_on_the_screen"

tools: ## the real programs that tests run, pinned, into the user's cache folder
	tests/tools/install.sh all

# On a laptop a tool that cannot be installed only skips its tests; in CI it fails the run.
test: $(VENV)/.dev ## everything that is tested, with what it needs installed first
	@if [ "$$CI" = true ]; then tests/tools/install.sh all; else tests/tools/install.sh all || true; fi
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev ## lint, format, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

editors: ## types, lint, unit tests and packages of both editor clients
	editors/check.sh

fmt: $(VENV)/.dev ## format and mend what can be
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev ## speed, as ratios against a stock server in the same run
	$(BIN)/python -m benchmarks.spine $(BENCH_ARGS)

bench-ci: $(VENV)/.dev ## speed of reading logs, beside ripgrep, grep -P, Vim and the naive way
	$(BIN)/python -m benchmarks.ci $(BENCH_ARGS)

fuzz: $(VENV)/.dev ## ten minutes of strange logs (FUZZ_MINUTES=10)
	$(BIN)/python -m tests.ci.fuzz $(or $(FUZZ_MINUTES),10)

bench-mcp: $(VENV)/.dev ## tokens to the failing place, beside a log's tail; needs labelled logs (BENCH_ARGS="--logs DIR")
	$(BIN)/python -m benchmarks.mcp_tokens $(BENCH_ARGS)
	$(BIN)/python -m benchmarks.mcp_load
	$(BIN)/python -m benchmarks.mcp_call

bench-ratchet: $(VENV)/.dev ## asking GitHub: the adaptive cadence against fixed polling, over a simulated month
	$(BIN)/python -m benchmarks.ratchet $(BENCH_ARGS)

bench-editors: $(VENV)/.dev ## what people wait for in VS Code and Neovim, beside a stock extension
	tests/tools/install.sh code-server chromium neovim gh claude
	$(BIN)/python -m benchmarks.editors $(BENCH_ARGS)

bench-claude: $(VENV)/.dev ## speed of sessions, against claude-agent-sdk in the same run
	tests/tools/install.sh claude claude-agent-sdk
	$(BIN)/python -m benchmarks.claude $(BENCH_ARGS)

clean: ## everything made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
