# Every command of the project: `make help` lists them. Build products lie in YTOPS_CACHE, outside the
# checkout; only `make build` writes into it, to dist/.

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

export YTOPS_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/ytops
export CARGO_TARGET_DIR := $(YTOPS_CACHE)/target
ifeq ($(CI),true)
export CARGO_INCREMENTAL := 0
endif

# What belongs to this checkout alone; deploy/scripts/lib.sh computes the same.
BUILD := $(YTOPS_CACHE)/build/$(shell printf %s "$$(pwd -P)" | sha256sum | cut -c1-12)
S := deploy/scripts

# Folders are listed with their files: a file that was deleted shows in its folder's time alone.
tree = $(shell find $(wildcard $(1)) \( -name node_modules -o -name '.*.sw?' \) -prune -o -print)
CARGO_FILES := Cargo.toml Cargo.lock $(wildcard .cargo/config.toml)
PAGES := $(call tree,app) $(CARGO_FILES)
BROWSER := $(PAGES) $(call tree,frontend/src frontend/Cargo.toml) $(S)/wasm.sh
SITE := $(call tree,style public frontend/bundle) $(S)/site.sh
# Parts of the console with a script of their own: app/src/area.rs.
AREAS := operations resources services backups administration
SERVER := $(PAGES) $(call tree,server migrations .sqlx)

.PHONY: help
help: ## List the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: run
run: install $(BUILD)/release/ytops ## Install what is missing, build, and serve on 127.0.0.1:3000
	@exec $(S)/run.sh $(BUILD)/release/ytops

.PHONY: dev
dev: install $(BUILD)/prepared dev-build ## The same from a quick, unoptimised build
	@YTOPS_SITE_DIR=$(BUILD)/dev/site exec $(S)/run.sh $(BUILD)/dev/ytops

.PHONY: test
test: ## Formatting, clippy, unit, database and browser tests; ends with a count
	@$(S)/test.sh

.PHONY: check
check: ## Formatting and clippy alone
	cargo fmt --check
	@mkdir -p $(BUILD)/dev/site
	YTOPS_SITE_DIR=$(BUILD)/dev/site SQLX_OFFLINE=true cargo clippy --workspace --exclude frontend --all-targets --no-deps -- -D warnings
	cargo clippy --package frontend --no-deps -- -D warnings

.PHONY: fmt
fmt: ## Format the Rust sources
	cargo fmt

.PHONY: build
build: INSTALL_FOR := build
build: install dist/ytops ## Leave one file that holds everything: dist/ytops

dist/ytops: $(BUILD)/release/ytops
	@mkdir -p dist
	install -m 755 $< $@

.PHONY: demo
demo: ## Start the sample platform
	@$(S)/install.sh demo
	end2end/stack/stack.sh up

.PHONY: bench
bench: ## Measure against a peer or a limit of the same run; ARGS=--write keeps the table
	@$(S)/install.sh bench
	end2end/bench/run.sh $(ARGS)

.PHONY: css
css: ## Leave the style sheet for cargo-leptos: target/style/ytops.css
	@$(S)/style.sh

.PHONY: prepare
prepare: ## Refresh .sqlx after a query or a migration changed
	@$(S)/prepare.sh

# While developing it is refreshed as needed; tests and releases take it as it was committed.
$(BUILD)/prepared: $(call tree,server/store migrations)
	$(S)/prepare.sh
	@mkdir -p $(@D) && touch $@

.PHONY: install
install:
	@$(S)/install.sh $(or $(INSTALL_FOR),run)

# Compiling takes minutes; what lies between is kept.
.SECONDARY:

# --- what is built, release ---

$(BUILD)/release/%.wasm: $(BROWSER) | install
	$(S)/wasm.sh release $* $@

$(BUILD)/release/site/manifest.json: $(AREAS:%=$(BUILD)/release/%.wasm) $(SITE)
	$(S)/site.sh release $(@D) $(foreach area,$(AREAS),$(area)=$(BUILD)/release/$(area).wasm)

$(BUILD)/release/ytops: $(BUILD)/release/site/manifest.json $(SERVER)
	YTOPS_SITE_DIR=$(BUILD)/release/site SQLX_OFFLINE=true cargo build --locked --release --package server
	@ln -f $(CARGO_TARGET_DIR)/release/ytops $@.part && touch $@.part && mv $@.part $@

# --- and quick ---

$(BUILD)/dev/%.wasm: $(BROWSER) | install
	$(S)/wasm.sh dev $* $@

$(BUILD)/dev/site/manifest.json: $(AREAS:%=$(BUILD)/dev/%.wasm) $(SITE)
	$(S)/site.sh dev $(@D) $(foreach area,$(AREAS),$(area)=$(BUILD)/dev/$(area).wasm)

.PHONY: dev-build
dev-build: $(BUILD)/dev/site/manifest.json
	YTOPS_SITE_DIR=$(BUILD)/dev/site SQLX_OFFLINE=true cargo build --package server
	@ln -f $(CARGO_TARGET_DIR)/debug/ytops $(BUILD)/dev/ytops
