# The front door. Everything runs in .venv, which is made on demand from pinned requirements; nothing else is installed.
#
#   PYTHON=python3.12      the Python to make .venv with; else the one it was made with, or the first new enough
#   FACESTAMP_PORT=9000    where the local cloud listens
#   PYTHON310=python3.10   the CPython 3.10 that `make package` compiles with; else one that is found

.DEFAULT_GOAL := help
RUN := .venv/bin/python
PYTHONS := .venv/bin/python python3 python3.13 python3.12 python3.11 python3.10 python
UV := uv==0.13.8

.PHONY: help
help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):[^#]*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-18s %s\n", $$1, $$2}'

.PHONY: demo
demo: venv ## Upload photos to a local cloud and see their faces: build/demo/
	@$(RUN) -m infra.local demo

.PHONY: test
test: venv ## Run every test; ARGS="-k enrol" are pytest's
	@$(RUN) -m pytest -q $(ARGS)

.PHONY: up
up: venv ## Run the local cloud until Ctrl-C; KEEP=folder remembers it, WAITS=real waits as the platform does; OUTSIDE=hosts
	@$(RUN) -m infra.local up $(if $(KEEP),--keep "$(KEEP)") $(if $(WAITS),--waits "$(WAITS)") \
		$(if $(OUTSIDE),--outside "$(OUTSIDE)")

.PHONY: check
check: venv ## Lint, format, strict types
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy

.PHONY: package
package: venv ## Build the zip that SCF runs: build/facestamp.zip; RUNTIME=local, what the local cloud runs
	@$(RUN) -m infra.package $(RUNTIME)

.PHONY: policy
policy: venv ## Print what whoever deploys must be allowed, as a CAM policy: STACK=dev
	@$(RUN) -m infra.account.deployer --stack "$(STACK)"

.PHONY: preview
preview: venv ## Say what deploying would change: STACK=dev; with .local/env of `make up`, on the local cloud
	@$(RUN) -m infra.engine preview --stack "$(STACK)"

.PHONY: deploy
deploy: venv ## Make the cloud as infra/Pulumi.dev.yaml says: STACK=dev; YES=1 asks nothing
	@$(RUN) -m infra.engine deploy --stack "$(STACK)" $(if $(YES),--yes)

.PHONY: sweep
sweep: venv ## Remove what a deployment that failed has left over: STACK=dev; YES=1 asks nothing
	@$(RUN) -m infra.engine sweep --stack "$(STACK)" $(if $(YES),--yes)

.PHONY: destroy
destroy: venv ## Take away what was deployed: STACK=dev; YES=1 asks nothing
	@$(RUN) -m infra.engine destroy --stack "$(STACK)" $(if $(YES),--yes)

.PHONY: test-engine
test-engine: venv ## Deploy to a local cloud with Pulumi's own engine, where that can be had
	@$(RUN) -m infra.engine test $(ARGS)

.PHONY: bench
bench: venv ## Measure one upload against its bound and against a plain script
	@$(RUN) -m infra.local bench

.PHONY: ledger
ledger: venv ## Write infra/local/LEDGER.md anew from the tests' marks
	@$(RUN) -m infra.local ledger

.PHONY: lock
lock: venv ## Pin the requirements anew, as few changes as needed; UPGRADE=1 takes the newest
	@$(RUN) -m venv --clear build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	@for list in functions/requirements requirements-build requirements-dev; do \
		echo "$$list.txt"; \
		build/lock/bin/uv pip compile --quiet --universal --python-version 3.10 --generate-hashes \
			--no-emit-index-url --no-header $(if $(UPGRADE),--upgrade) $$list.in --output-file $$list.txt || exit 1; \
	done

.PHONY: clean
clean: ## Delete what was made: .venv, build, caches
	@rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find functions infra tests -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: venv
venv: # Costs nothing if it is there and as pinned
	@python="$$(for python in $(or $(PYTHON),$(PYTHONS)); do \
		"$$python" -c 'import sys; sys.version_info >= (3, 10) or sys.exit(1); print(sys._base_executable)' \
			2>/dev/null && break; done)"; \
	if [ -z "$$python" ]; then \
		echo "facestamp needs Python 3.10 or newer: install it, or name it: make demo PYTHON=/path/to/python3" >&2; \
		exit 1; \
	fi; \
	"$$python" -I infra/environment.py
