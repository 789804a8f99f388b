# SPDX-License-Identifier: Apache-2.0
# What CI runs, people run: .ci/run is every step, and each target here is one of them or its kin.

.DEFAULT_GOAL := help
.PHONY: help demo test race cover lint bench micro fuzz ci release api licenses site

BENCH ?= .
ROUNDS ?= 10
FUZZTIME ?= 30s

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: ## run the example: everything in one process, on 127.0.0.1:8080
	go run ./example

test: ## every test of every module
	go test work

race: ## the same under the race detector, with counts
	.ci/run test

cover: ## how much of the library its tests reach, and the page that shows where
	@mkdir -p .cache
	go test -coverpkg=./... -coverprofile=.cache/cover.out ./...
	go tool cover -html=.cache/cover.out -o .cache/cover.html
	@go tool cover -func=.cache/cover.out | tail -n 1
	@echo "see .cache/cover.html"

lint: ## vet, gofmt, golangci-lint, go mod tidy; the first run builds the linter
	.ci/run vet gofmt lint tidy

bench: ## a request beside the peers: results and pictures into bench/results
	bench/measure $(ROUNDS)

micro: ## every benchmark, with allocations; BENCH=name for some
	go test -run '^$$' -bench '$(BENCH)' -benchmem work

fuzz: ## every fuzz target for FUZZTIME (30s) each
	tools/fuzz $(FUZZTIME)

release: ## prepare VERSION=v0.1.0: go.mod files, changelog, version; prints the tags to set
	go run ./tools/release $(VERSION)

api: ## agree to what the published modules export now: writes api/
	cd tools/apicheck && GOWORK=off go run . -update

licenses: ## list what the published modules pull in: writes docs/licenses.md
	go run ./tools/release/licenses -update

site: ## build the pages of docs/ as a site, with Hugo: site/public
	hugo --source site --noBuildLock --panicOnWarning

ci: ## everything, portability included, as CI does
	.ci/run
