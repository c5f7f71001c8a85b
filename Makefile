# `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run race bench bench-quick overload torture test test-go test-web test-browser compose-test fuzz check lint tools build dashboard generate fmt release clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: needs build ## Serve with demo data on http://localhost:3000 and :3001 (Ctrl-C stops)
	@exec ./bin/onsale serve --seed

race: needs-go ## Race ten buyers for two tickets against a running server
	@port=$${API_PORT:-$$(sed -n 's/^API_PORT=\([0-9]*\).*/\1/p' .env 2>/dev/null)}; \
	go run ./scripts/race --url "$${ONSALE_URL:-http://localhost:$${port:-3001}}"

bench: needs ## Measure against booking in plain SQL: every row, with the targets (minutes; BENCH="--only hot" chooses)
	@go build -o bin/bench ./scripts/bench && exec ./bin/bench $(BENCH)

bench-quick: needs ## The same in under a minute: the rows that say most
	@go build -o bin/bench ./scripts/bench && exec ./bin/bench --quick $(BENCH)

overload: needs ## Offer four times the peak, and disturb bookings in five ways: what must still hold (three minutes)
	@go build -o bin/bench ./scripts/bench && exec ./bin/bench --overload $(BENCH)

test: check test-web test-browser test-go fuzz ## Everything: format, vet, types, lint, and all tests, with the race detector and in a browser

test-go: needs ## Go's tests with the race detector, on a real PostgreSQL
	go test -race ./...

test-web: web/node_modules/.package-lock.json ## The dashboard's types, lint and unit tests
	@cd web && npm run --silent generate -- --check
	@cd web && npm run --silent check && npm run --silent test

test-browser: needs build chromium ## The dashboard in Chromium at three widths, against the real program
	@if command -v "$${CHROMIUM:-chromium}" >/dev/null; then cd web && CHROMIUM=$$(command -v "$${CHROMIUM:-chromium}") npm run --silent e2e; fi

torture: needs ## Kill, cut and stop everything for ten minutes, and check every answer (TORTURE_FLAGS='--seed 7 --rounds 1')
	@go build -o bin/torture ./scripts/torture && exec ./bin/torture $(TORTURE_FLAGS)

FUZZTIME = 10s
test: FUZZTIME = 500x
fuzz: needs-go ## Throw odd input at everything that reads input: make fuzz FUZZTIME=10m
	scripts/fuzz $(FUZZTIME)

compose-test: needs-go ## Bring up docker-compose.yml, race, kill containers, and look that nothing is lost
	go run ./scripts/compose-test

check: needs-go ## Formatting, vet, lint where it is installed: seconds
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt mends it):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	@if [ -n "$(golangci_lint)" ]; then "$(golangci_lint)" run; else echo "golangci-lint is not installed (make tools): lint is skipped"; fi

lint: tools check ## Check, with the linter for certain

golangci_lint = $(shell command -v golangci-lint || ls "$$(go env GOPATH)/bin/golangci-lint" 2>/dev/null)
tools: needs-go ## Install the linter
	@[ -n "$(golangci_lint)" ] || go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

build: needs-go dashboard ## Build bin/onsale, with the dashboard where Node.js is there
	@go build -o bin/onsale ./cmd/onsale

ifneq ($(shell command -v npm),)
dashboard: web/dist/index.html
else
dashboard:
	@echo "Node.js 20 or newer is missing: serving without the dashboard"
endif

# NEXT_PUBLIC_API_URL, from the environment or .env, is built in: where the browser finds the API if not beside the dashboard.
web_sources := $(shell find web/app web/components web/lib web/store web/public web/build -type f) $(wildcard web/*.ts web/*.mjs web/package-lock.json .env)
web/dist/index.html: $(web_sources) web/node_modules/.package-lock.json
	@echo "Building the dashboard"
	@cd web && NEXT_TELEMETRY_DISABLED=1 NEXT_PUBLIC_API_URL="$${NEXT_PUBLIC_API_URL-$$(sed -n 's/^NEXT_PUBLIC_API_URL=//p' ../.env 2>/dev/null)}" npm run --silent build

web/node_modules/.package-lock.json: web/package-lock.json
	@cd web && npm ci && touch node_modules/.package-lock.json

generate: needs-go web/node_modules/.package-lock.json ## Make the API's types anew from openapi.yaml, for both sides
	go generate ./...
	@cd web && npm run --silent generate

fmt: needs-go ## Format the code
	@if [ -n "$(golangci_lint)" ]; then "$(golangci_lint)" fmt; else gofmt -w $$(git ls-files '*.go'); fi

release: needs-go dashboard ## Build the archives of a release: make release VERSION=v1.2.3
	scripts/release "$(VERSION)"

clean: ## Remove what was built; data in .onsale stays
	rm -rf bin web/.next web/out web/.playwright && find web/dist -mindepth 1 ! -name placeholder.html -delete

# What a machine has to have, told in one line when it is missing.
.PHONY: needs needs-go chromium
needs-go:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is missing: https://go.dev/dl"; exit 1; }

needs: needs-go
	@[ -n "$$DATABASE_URL$$ONSALE_TEST_DATABASE_URL" ] || grep -qs '^DATABASE_URL=.' .env || { \
	go build -o bin/findpostgres ./cmd/internal/findpostgres || exit 1; \
	bin/findpostgres 2>/dev/null; found=$$?; \
	if [ $$found -eq 3 ] && command -v npm >/dev/null; then (cd web && npm ci); bin/findpostgres 2>/dev/null; found=$$?; fi; \
	if [ $$found -eq 3 ]; then echo "PostgreSQL is missing: install the package postgresql, or Node.js with npm, or set DATABASE_URL"; \
	elif [ $$found -ne 0 ]; then bin/findpostgres; fi; exit $$found; }

chromium:
	@command -v "$${CHROMIUM:-chromium}" >/dev/null || ./web/e2e/install-chromium.sh || { \
	echo; echo "*** NO CHROMIUM: the dashboard is NOT tested in a browser. Install the package chromium, or set CHROMIUM. ***"; echo; [ -z "$$CI" ]; }
