# Everything runs from .venv, which is made from requirements/dev.txt when that file changes.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
PYTHON_IN := .venv/bin/python
STAMP := .venv/installed
JUDGES := .venv/judges-of-the-contract
BROWSER := .venv/browser
PEERS := bench/.venv/installed
NGINX := .venv/nginx
PACKAGES := chassis services gateway local contract browser tests bench
COMPILE := .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header

help: ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1\t\2/p' Makefile | expand -t 20

run: $(STAMP) ## the whole town with demo accounts on http://127.0.0.1:8000; Ctrl-C stops it
	@exec $(PYTHON_IN) -m local up

demo: $(STAMP) ## tell a cooperative's story to the running town, step by step
	@exec $(PYTHON_IN) -m local.demo

# Tests speak of the sources; `compiled-test` says that the compiled plane does the same.
test: $(STAMP) ## all tests on a real PostgreSQL; T=tests/registry for some of them
	@MBOOLO_COMPILED=no exec $(PYTHON_IN) -m local.test_run $(T)

compiled: $(STAMP) ## the gateway's data plane as machine code, at half the processor time; needs a C compiler
	@exec $(PYTHON_IN) -m local.compiling

compiled-test: $(STAMP) ## the tests of the gateway and of what it stands on, with the compiled data plane
	@exec $(PYTHON_IN) -m local.compiling --test

fuzz: $(STAMP) ## ask a whole town what its contract allows, and much that it does not; A="--seed 7"
	@exec $(PYTHON_IN) -m tests.fuzz $(A)

soak: $(STAMP) ## kill -9 real processes, hold 10,000 connections, 60,000 cases; an hour; S=edge for a part
	@exec $(PYTHON_IN) -m tests.soak $(S)

bench: $(STAMP) $(PEERS) ## the registry beside pgbench, Django REST Framework and Flask; R="read list" for some rows
	@$(PYTHON_IN) -m local.compiling || true
	@exec $(PYTHON_IN) -m bench $(R)

check: format-check lint types borders test compiled-test fuzz contract browser compare ## exactly what CI runs

format: $(STAMP) ## write the code as ruff formats it
	@$(PYTHON_IN) -m ruff format .
	@$(PYTHON_IN) -m ruff check --fix --select I --quiet .

format-check: $(STAMP) ## is it formatted
	@$(PYTHON_IN) -m ruff format --check .

lint: $(STAMP) ## ruff
	@$(PYTHON_IN) -m ruff check .

types: $(STAMP) ## mypy, strict
	@$(PYTHON_IN) -m mypy $(PACKAGES)

borders: $(STAMP) ## who may import whom
	@$(PYTHON_IN) -c 'import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())'

migration: $(STAMP) ## write the next migration: s=registry m="add number"
	@exec $(PYTHON_IN) -m local migration "$(s)" "$(m)"

migrate: $(STAMP) ## bring the four databases to the newest revision, with their reference data
	@exec $(PYTHON_IN) -m local prepare

contract: contract-lint contract-breaks sdk ## judge the contract: linter, breaking changes, clients

contract-lint: $(JUDGES) ## Spectral with the OWASP rules over the merged document
	@$(PYTHON_IN) -m contract lint

contract-breaks: $(STAMP) ## what would break those who call the released contract
	@$(PYTHON_IN) -m contract breaks

sdk: $(JUDGES) ## clients in contract/sdk, type-checked and tried against a running town
	@$(PYTHON_IN) -m contract sdk

frontend: $(JUDGES) ## the example application on http://127.0.0.1:5173, beside `make run`
	@exec $(PYTHON_IN) -m browser

browser: $(JUDGES) $(BROWSER) ## sign in, call and leave with a real browser, against a town of its own
	@exec $(PYTHON_IN) -m pytest -q browser $(T)

compare: $(STAMP) $(NGINX) ## our gateway beside nginx, byte by byte, before one service; A=--write for its page
	@exec $(PYTHON_IN) -m tests.compare $(A)

release-contract: $(STAMP) ## make the contract as it is now the one that must not break
	@$(PYTHON_IN) -m contract release $(A)

openapi: $(STAMP) ## rewrite docs/api
	@exec $(PYTHON_IN) -m local.openapi

db: $(STAMP) ## psql on a database of the running town: s=training (registry if not said)
	@exec $(PYTHON_IN) -m local db $(s)

verify: $(STAMP) ## is the running town's ledger what was written, and all of it
	@exec $(PYTHON_IN) -m local verify $(A)

backup: $(STAMP) ## copy the running town, keys included, to a new folder: F=/safe/place
	@$(PYTHON_IN) -m local backup "$(F)"

restore: $(STAMP) ## begin from such a copy, in an empty data folder: F=/safe/place
	@$(PYTHON_IN) -m local restore "$(F)"

clean: $(STAMP) ## forget everything the town stored, so that the next run starts afresh
	@$(PYTHON_IN) -m local clean

up: ## the town in containers, two of each, on http://127.0.0.1:8000
	docker compose up --build --detach

down: ## stop the containers; their data stays
	docker compose down

lock: $(STAMP) ## lock what requirements/*.in ask for; A=--upgrade for newer versions
	$(COMPILE) requirements/run.in -o requirements/run.txt $(A)
	$(COMPILE) requirements/compile.in -o requirements/compile.txt $(A)
	$(COMPILE) requirements/dev.in -o requirements/dev.txt $(A)
	$(COMPILE) requirements/contract.in -o requirements/contract.txt $(A)
	$(COMPILE) requirements/uv.in -o requirements/uv.txt $(A)
	$(COMPILE) bench/requirements.in -o bench/requirements.txt $(A)

$(STAMP): requirements/dev.txt requirements/uv.txt requirements/install.sh
	@sh requirements/install.sh
	@touch $(STAMP)

# Node and its packages: only the contract is judged with them, so that only it can lack them.
$(JUDGES): $(STAMP) requirements/contract.txt contract/package-lock.json contract/install.sh
	@sh contract/install.sh
	@touch $(JUDGES)

$(BROWSER): $(STAMP) browser/install.sh
	@sh browser/install.sh
	@touch $(BROWSER)

$(NGINX): $(STAMP) tests/compare/install.sh
	@sh tests/compare/install.sh
	@touch $(NGINX)

$(PEERS): $(STAMP) bench/requirements.txt bench/install.sh
	@sh bench/install.sh
	@touch $(PEERS)

.PHONY: help run demo test compiled compiled-test fuzz soak bench check format format-check lint types borders contract contract-lint contract-breaks \
	sdk release-contract frontend browser compare migration migrate openapi \
	db verify backup restore clean up down lock
