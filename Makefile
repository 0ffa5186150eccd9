# The doors of this repository, for people and for the pipeline. `make` alone prints them.

MODULES := functions/api functions/authorizer scripts shared
PACKAGES := $(MODULES:%=./%/...)
ARCH ?= arm64
FUZZTIME ?= 10s
# The race detector needs a C compiler; without one the tests run without it, and say so.
RACE := $(if $(shell command -v $$(go env CC) 2>/dev/null),-race)
# What the race detector makes ten times slower and has nothing to find in runs once more without it, at full size:
# ten thousand random route tables, and the tests that pin allocations.
UNRACED := ./shared/routes/prove ./shared/cognito ./functions/authorizer
# Some Go packages and images set GOTOOLCHAIN=local, which would refuse go.work instead of fetching its toolchain.
export GOTOOLCHAIN ?= auto
# A binary with the race detector would sleep a second at its end.
export GORACE := atexit_sleep_ms=0
GOTOOL := GOWORK=off go tool -modfile=$(CURDIR)/tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help
help: ## print the doors
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9%\/-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ see it work

.PHONY: demo run token explain routes
demo: ## build, start everything on this machine, call it about 30 ways, and leave
	go run ./scripts/local demo $(ARGS)

run: ## the same stack, staying up: prints the address, people and a curl line
	@go run ./scripts/local run $(ARGS)

token: ## sign in and print a token: make token ARGS='login alice'
	@go run ./scripts/token $(ARGS)

explain: ## why may a caller call a route? make explain ARGS='--groups admins --route "GET /users"'
	@go run ./scripts/explain $(ARGS)

routes: ## print the table of the contract, functions/api/openapi.yaml
	@go run ./scripts/explain

##@ check it

.PHONY: test test-race test-leaks test-zip test-arm64 test-terraform test-apply test-browser install-moto test-node fuzz bench bench-lambda lint vuln check-go
test: ## all tests of all modules, with the race detector where there is a C compiler
	@$(if $(RACE),,echo "no C compiler: testing without the race detector")
	go test $(RACE) $(PACKAGES)
	@$(if $(RACE),go test $(UNRACED))

test-race: ## the same, and fail where the race detector cannot run
	CGO_ENABLED=1 go test -race $(PACKAGES)
	go test $(UNRACED)

test/%: ## the tests of one module: make test/shared
	go test $(RACE) ./$*/...

test-leaks: ## the same with all their output, and fail if that holds anything that looks like a token
	@scripts/test-leaks.sh go test -v $(RACE) $(PACKAGES)

test-zip: ## build the zips twice, in two places, and compare: make test-zip ARCH=amd64
	ARCH=$(ARCH) go test -count=1 -run '^TestTwoPlacesGiveTheSameBytes$$' -v ./scripts/bundle

test-arm64: ## run the arm64 zips, by emulation (qemu-user-static) where the machine is another one
	ARM64_REQUIRED=1 go test -count=1 -run '^TestTheArm64ZipsRun$$' -v ./scripts/local

test-terraform: ## terraform/: formatting, and plans with a mocked provider; no account is needed
	@scripts/test-terraform.sh

test-apply: ## terraform/ applied to a moto server, and what was deployed run with tokens
	@scripts/test-apply.sh

test-browser: ## the page in headless Chromium: sign-in, every route, CORS, accessibility
	@scripts/test-browser.sh $(ARGS)

install-moto: ## the moto server that test-apply needs, by pip
	pip install --quiet 'moto[server]==5.2.1'

test-node: ## sign-in by SRP against the official npm client and an npm server (needs Node and npm)
	@scripts/srp/test-node.sh

fuzz: ## each fuzz target for a while: make fuzz FUZZTIME=1m
	@scripts/fuzz.sh $(FUZZTIME) $(MODULES)

bench: ## how fast: tables of ratios to one RSA verification in the same run, peers beside
	cd bench && GOWORK=off go run . $(ARGS)

bench-lambda: ## the zips on the local runtime beside an empty handler: cold, warm, memory (ARGS=--node adds Node)
	go run ./scripts/benchlambda $(ARGS)

lint: check-go $(MODULES:%=lint/%) lint/bench ## formatting, static checks, tidy modules, each module on its own

lint/%: ## the checks of one module: make lint/shared
	cd $* && $(GOTOOL) golangci-lint run --config $(CURDIR)/.golangci.yml ./...
	cd $* && GOWORK=off go mod tidy -diff
	cd $* && GOWORK=off go build -o /dev/null ./...

check-go: ## is every module pinned to the Go release of go.work?
	@scripts/check-go.sh $(MODULES) bench tools tools/actionlint

vuln: ## known vulnerabilities in what the modules call (asks vuln.go.dev)
	@for module in $(MODULES); do (cd $$module && $(GOTOOL) govulncheck ./...) || exit 1; done

##@ ship it

.PHONY: build-zip jwks smoke clean
build-zip: ## dist/authorizer.zip and dist/api.zip, for arm64 or ARCH=amd64
	@go run ./scripts/zip --arch $(ARCH)

jwks: ## write the deployed pool's key set for the next apply, so that a cold start needs no network
	@go run ./scripts/jwks $(ARGS)

smoke: ## call an API as its contract says: make smoke ARGS='--url https://… --tokens-file tokens.json'
	@go run ./scripts/smoke $(ARGS)

clean: ## remove what was built
	rm -rf dist

.PHONY: lint-workflows
lint-workflows: ## actionlint over the workflows, shellcheck over the scripts where it is installed
	@cd tools/actionlint && GOWORK=off go tool actionlint $(CURDIR)/.github/workflows/*.yml
	@if command -v shellcheck >/dev/null; then shellcheck $$(git ls-files '*.sh'); else echo "no shellcheck: scripts are not checked"; fi

# The scripts read TAG, VERSION, PLAN and the like from the environment, where a name cannot become a command.

##@ deploy and release it (docs/pipeline.md)

.PHONY: tf-init plan plan-summary plan-store plan-fetch apply smoke-deployed rollback-help no-plan
tf-init: ## ready terraform/ for the state in STATE_BUCKET
	@scripts/workflows/init.sh

plan: ## plan, and keep the plan as dist/terraform.tfplan and as text
	@scripts/workflows/plan.sh

plan-summary: ## the kept plan as Markdown
	@scripts/workflows/plan-summary.sh

plan-store: ## put the kept plan and its zips into the state bucket
	@scripts/workflows/store-plan.sh

plan-fetch: ## get exactly the plan of PLAN_VERSION and PLAN_SHA256
	@scripts/workflows/fetch-plan.sh

apply: ## apply a kept plan: make apply PLAN=dist/terraform.tfplan
	@scripts/workflows/apply.sh

smoke-deployed: ## sign two people in that exist for a minute, and smoke-test what is deployed
	@scripts/workflows/smoke-deployed.sh

rollback-help: ## how to go back, as the failed deployment prints it
	@scripts/workflows/rollback-help.sh

no-plan: ## why a pull request has no plan
	@scripts/workflows/no-plan.sh

.PHONY: check-tag dist dist-verify publish
check-tag: ## is TAG a version, on main, and checked out?
	@scripts/workflows/check-tag.sh

dist: ## what a release holds, in dist/release: make dist VERSION=v1.2.3
	@scripts/workflows/dist.sh

dist-verify: ## are the checksums of dist/release right?
	@cd dist/release && sha256sum --check --strict SHA256SUMS

publish: ## make the GitHub release of TAG out of dist/release
	@scripts/workflows/publish.sh
