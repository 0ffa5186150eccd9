# Targets for developers and CI. Run `make` to list them.

MODULES := functions/api functions/authorizer scripts shared
# The package whose tests take longest comes early, so that it does not run alone at the end.
PACKAGES := ./functions/api/... ./functions/authorizer/... ./scripts/local ./scripts/... ./shared/...
ARCH ?= arm64
FUZZTIME ?= 10s
# The race detector needs a C compiler. Without one, the tests run without it and print a notice.
RACE := $(if $(shell command -v $$(go env CC) 2>/dev/null),-race)
# A busy machine may need more than the ten minutes for a package that are the default.
TIMEOUT := 30m
GOTEST := $(if $(RACE),CGO_ENABLED=1 )go test -timeout $(TIMEOUT) $(RACE)
# With the race detector, which makes them up to ten times slower, the tests run short: -short leaves out most of ten thousand
# random route tables, and what compiles. The packages of which that leaves something out run a second time, at full size
# without the race detector, and so do the tests that pin allocations. Those that compress, or start themselves as a command a
# hundred times, run that second time only.
UNRACED := ./scripts/bundle ./scripts/release ./scripts/token
RACED = $$(go list $(PACKAGES) | grep -vxF "$$(go list $(UNRACED))")
FULL = $(UNRACED) ./functions/authorizer $$(grep -rl --include='*_test.go' 'testing\.Short()' $(MODULES) | xargs dirname | sort -u | sed 's,^,./,')
# Some Go packages and images set GOTOOLCHAIN=local, which refuses go.work instead of fetching its toolchain.
export GOTOOLCHAIN ?= auto
# By default a binary with the race detector sleeps a second before it exits.
export GORACE := atexit_sleep_ms=0
CONTRACT ?= functions/api/openapi.yaml
COMMAND = scripts/cognito-authorizer.sh
GOTOOL := GOWORK=off go tool -modfile=$(CURDIR)/tools/go.mod

.DEFAULT_GOAL := help
.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z0-9%\/-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ try it

.PHONY: demo run token explain routes check
demo: ## build, start the local stack, make about 40 calls, check each response, and exit
	@$(COMMAND) demo $(ARGS)

run: ## the same stack, kept running: prints addresses, users and a curl command
	@$(COMMAND) run $(ARGS)

token: ## sign in and print a token: make token ARGS='login alice'
	@$(COMMAND) token $(ARGS)

explain: ## what may a caller do, and why? make explain ARGS='--groups admins --route "GET /users"'
	@$(COMMAND) explain $(CONTRACT) $(ARGS)

routes: ## print the routes of functions/api/openapi.yaml (or CONTRACT=FILE)
	@$(COMMAND) routes $(CONTRACT) $(ARGS)

check: ## compile and prove the contract: functions/api/openapi.yaml, or CONTRACT=FILE
	@$(COMMAND) check $(CONTRACT) $(ARGS)

##@ test

.PHONY: test test-race test-leaks test-zip test-arm64 test-terraform test-apply test-browser install-moto test-node install-cfn-lint test-adopt fuzz mutation bench bench-lambda lint vuln check-go lint-workflows lint-terraform check-provider
test: ## run all tests of all modules but test-zip, with the race detector if there is a C compiler
	@$(if $(RACE),,echo "no C compiler: running the tests without the race detector")
	$(GOTEST) -short $(RACED)
	go test -timeout $(TIMEOUT) -skip '^TestTwoPlacesGiveTheSameBytes$$' $(FULL)

test-race: ## the same, but fail if the race detector cannot run
	CGO_ENABLED=1 go test -timeout $(TIMEOUT) -race -short $(RACED)
	go test -timeout $(TIMEOUT) $(FULL)

test/%: ## run the tests of one module: make test/shared
	$(GOTEST) ./$*/...

test-leaks: ## run all tests and fail if their output contains anything that looks like a token
	@scripts/test-leaks.sh go test -v -timeout $(TIMEOUT) $(PACKAGES)

test-zip: ## build the zips twice, in two folders, and compare the bytes: make test-zip ARCH=amd64
	ARCH=$(ARCH) go test -count=1 -run '^TestTwoPlacesGiveTheSameBytes$$' -v ./scripts/bundle

test-arm64: ## run the arm64 zips, by emulation (qemu-user-static) on other machines
	ARM64_REQUIRED=1 go test -count=1 -run '^TestTheArm64ZipsRun$$' -v ./scripts/local

test-terraform: ## check terraform/: formatting, and plans with a mocked provider (no AWS account)
	@scripts/test-terraform.sh

test-apply: ## apply terraform/ to a moto server, then call what was deployed with tokens
	@scripts/test-apply.sh

test-browser: ## test the web page in headless Chromium: sign-in, every route, CORS, accessibility
	@scripts/test-browser.sh $(ARGS)

install-moto: ## install the moto server that test-apply needs, with pip
	pip install --quiet 'moto[server]==5.2.1'

test-node: ## test SRP sign-in against the official npm client and an npm server (needs Node, npm)
	@scripts/srp/test-node.sh

install-cfn-lint: ## install the cfn-lint that test-adopt uses, with pip
	pip install --quiet cfn-lint==1.51.0

test-adopt: ## test what docs/adopt.md deploys: cdk synth (Node, npm), SAM (cfn-lint), Terraform, workflow
	@scripts/test-adopt.sh

fuzz: ## run each fuzz target for a while: make fuzz FUZZTIME=1m
	@scripts/fuzz.sh $(FUZZTIME) $(MODULES)

mutation: ## change one operator at a time where access is decided, and see that a test fails: make mutation ARGS=shared/jwks
	go run ./scripts/mutation $(ARGS)

bench: ## benchmark packages, handler and other libraries, as ratios to one RSA verification
	cd bench && GOWORK=off go run . $(ARGS)

bench-lambda: ## benchmark the zips on a local Lambda runtime: cold, warm, memory (ARGS=--node adds Node)
	go run ./scripts/benchlambda $(ARGS)

lint: check-go $(MODULES:%=lint/%) lint/bench ## check formatting, run linters, check that modules are tidy and build on their own

lint/%: ## the same for one module: make lint/shared
	cd $* && $(GOTOOL) golangci-lint run --config $(CURDIR)/.golangci.yml ./...
	cd $* && GOWORK=off go mod tidy -diff
	cd $* && GOWORK=off go build -o /dev/null ./...

check-go: ## check that every module pins the Go release of go.work
	@scripts/check-go.sh $(MODULES) bench tools tools/actionlint tools/gremlins tools/terraform tools/tfsec

vuln: ## report known vulnerabilities in called code (asks vuln.go.dev)
	@for module in $(MODULES); do (cd $$module && $(GOTOOL) govulncheck ./...) || exit 1; done

lint-workflows: ## run actionlint over the workflows, and shellcheck, if installed, over the scripts
	@cd tools/actionlint && GOWORK=off go tool actionlint $(CURDIR)/.github/workflows/*.yml
	@if command -v shellcheck >/dev/null; then shellcheck $$(git ls-files '*.sh'); else echo "shellcheck is not installed: scripts are not checked"; fi

lint-terraform: ## run tflint and tfsec over terraform/
	@scripts/lint-terraform.sh

check-provider: ## check terraform/ against the schema of AWS provider 6 (needs npm)
	@scripts/check-provider-schema.sh

##@ build

.PHONY: build-zip jwks smoke clean
build-zip: ## build dist/ (authorizer.zip, api.zip, contract.json, manifest.json), for arm64 or ARCH=amd64
	@$(COMMAND) build $(CONTRACT) --sample --arch $(ARCH) $(ARGS)

jwks: ## write the deployed pool's key set for the next apply, so that a cold start needs no network
	@$(COMMAND) jwks $(ARGS)

smoke: ## call a deployed API and check each response: make smoke ARGS='--url https://… --tokens-file tokens.json'
	@$(COMMAND) smoke $(ARGS)

clean: ## remove what was built
	rm -rf dist

# The scripts read TAG, VERSION, PLAN and so on from the environment, so a value is never interpreted as a command.

##@ deploy and release (docs/pipeline.md)

.PHONY: tf-init plan plan-summary plan-store plan-fetch apply smoke-deployed rollback-help no-plan
tf-init: ## initialise terraform/ with the state in STATE_BUCKET
	@scripts/workflows/init.sh

plan: ## plan, and write the plan to dist/terraform.tfplan and as text
	@scripts/workflows/plan.sh

plan-summary: ## print the saved plan as Markdown
	@scripts/workflows/plan-summary.sh

plan-store: ## upload the saved plan and its zips to the state bucket
	@scripts/workflows/store-plan.sh

plan-fetch: ## download exactly the plan of PLAN_VERSION and PLAN_SHA256
	@scripts/workflows/fetch-plan.sh

apply: ## apply a saved plan: make apply PLAN=dist/terraform.tfplan
	@scripts/workflows/apply.sh

smoke-deployed: ## create two temporary users, sign them in, and smoke-test the deployment
	@scripts/workflows/smoke-deployed.sh

rollback-help: ## print how to roll back, as a failed deployment does
	@scripts/workflows/rollback-help.sh

no-plan: ## print why a pull request has no plan
	@scripts/workflows/no-plan.sh

.PHONY: check-tag dist dist-verify publish
check-tag: ## check that TAG is a version, on main, and checked out
	@scripts/workflows/check-tag.sh

dist: ## build the files of a release in dist/release: make dist VERSION=v1.2.3
	@scripts/workflows/dist.sh

dist-verify: ## verify the checksums of dist/release
	@cd dist/release && sha256sum --check --strict SHA256SUMS

publish: ## create the GitHub release of TAG from dist/release
	@scripts/workflows/publish.sh
