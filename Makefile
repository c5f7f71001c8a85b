# `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help run race test check build generate fmt clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: needs ## Serve with demo data on http://localhost:3000 and :3001 (Ctrl-C stops)
	@$(MAKE) --no-print-directory build
	@exec ./bin/onsale serve --seed

race: needs-go ## Race ten buyers for two tickets against a running server
	@port=$${API_PORT:-$$(sed -n 's/^API_PORT=\([0-9]*\).*/\1/p' .env 2>/dev/null)}; \
	go run ./scripts/race --url "$${ONSALE_URL:-http://localhost:$${port:-3001}}"

test: needs check ## Everything: formatting, vet, lint where installed, all tests with the race detector
	go test -race ./...

check: needs-go ## Formatting, vet, lint where it is installed
	@unformatted=$$(gofmt -l $$(git ls-files '*.go')); \
	if [ -n "$$unformatted" ]; then echo "not formatted (make fmt mends it):"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	@if command -v golangci-lint >/dev/null; then golangci-lint run; else echo "golangci-lint is not installed: skipped"; fi

build: needs-go ## Build bin/onsale
	@go build -o bin/onsale ./cmd/onsale

generate: needs-go ## Make the API's types anew from openapi.yaml
	go generate ./...

fmt: needs-go ## Format the code
	gofmt -w $$(git ls-files '*.go')

clean: ## Remove what was built; data in .onsale stays
	rm -rf bin

# What a machine has to have, told in one line when it is missing.
.PHONY: needs needs-go
needs-go:
	@command -v go >/dev/null || { echo "Go 1.26 or newer is missing: https://go.dev/dl"; exit 1; }

needs: needs-go
	@[ -n "$$DATABASE_URL$$ONSALE_TEST_DATABASE_URL" ] || grep -qs '^DATABASE_URL=.' .env || go run ./cmd/internal/findpostgres 2>/dev/null || \
	{ command -v npm >/dev/null && npm ci --prefix web && go run ./cmd/internal/findpostgres 2>/dev/null; } || \
	{ echo "PostgreSQL is missing: install the package postgresql, or Node.js with npm, or set DATABASE_URL"; exit 1; }
