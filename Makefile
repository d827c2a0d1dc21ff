.DEFAULT_GOAL := help
.PHONY: help run demo serve manage reset test coverage clocks faults cluster fuzz mutations bench check sbom release advisories format requirements pictures screenshots
PYTHON_ENV := .venv/bin/python
UPGRADING := $(if $(UPGRADE),$(if $(filter all,$(UPGRADE)),--upgrade,--upgrade-package $(UPGRADE)))
# Whoever names a production by its variables means that one.
LOCAL_ENV := DEBUG=$${DEBUG-1}
# Some images say that Python keeps no compiled code. Each of a suite's many processes would compile all of it anew.
unexport PYTHONDONTWRITEBYTECODE

help: ## What can be made here
	@grep -hE '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 14

run: ## The site on this machine, for development: http://127.0.0.1:8000 (PORT=8001 changes it)
	@PYTHON='$(PYTHON)' ./bootstrap.sh local && exec $(PYTHON_ENV) -m clinic.local.launch run

demo: ## The same with a fictional clinic's working day in it
	@PYTHON='$(PYTHON)' ./bootstrap.sh local && exec $(PYTHON_ENV) -m clinic.local.launch demo

serve: ## Production on this machine: no DEBUG, compressed static files, gunicorn
	@PYTHON='$(PYTHON)' ./bootstrap.sh local && exec $(PYTHON_ENV) -m clinic.local.launch serve

manage: ## Django's command line on this machine's database: ARGS='doctor --quick'
	@PYTHON='$(PYTHON)' ./bootstrap.sh local && $(LOCAL_ENV) exec $(PYTHON_ENV) manage.py $(ARGS)

reset: ## Throw this machine's database, mails and accounts away; the next start makes them anew
	@PYTHON='$(PYTHON)' ./bootstrap.sh local && exec $(PYTHON_ENV) -m clinic.local.reset

test: ## All tests, on a real Postgres and in a real browser; ARGS='-k sum' chooses
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.chromium
	@$(PYTHON_ENV) -m pytest -n 2 --dist worksteal $(ARGS)

coverage: ## The same tests, and which lines and branches of our code they did not run; fails below its least
	@$(MAKE) test ARGS='--cov --cov-report=term $(ARGS)'

clocks: ## The fast tests as if it were another day: in 40 and 400 days, around clock changes, on New Year's Eve; MOMENTS=2
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.clocks $(ARGS)

faults: ## The long form of what may go wrong: 10,000 mails, workers killed, the last time wanted by many
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@MAILS=10000 POSTS=300 ROUNDS=20 EXAMPLES=200 $(PYTHON_ENV) -m pytest -o timeout=0 tests/faults tests/clinic/local/test_launch.py tests/upgrade/test_upgrade.py tests/appointments/bookings/test_races.py tests/appointments/bookings/test_state_machine.py -s -p no:randomly $(ARGS)

cluster: ## Machines die under load: three Postgres under Patroni, two web groups, HAProxy, nginx; what it lost, as a table
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.cluster

mutations: ## Take each control away in a copy of the tree, and see that its test fails; ARGS=sum chooses
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.mutations $(ARGS)

fuzz: ## Requests that nobody thought of, to every address, the admin's too, until EXAMPLES=300 of each are drawn
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@EXAMPLES=$(or $(EXAMPLES),300) $(PYTHON_ENV) -m pytest -o timeout=0 tests/faults/test_any_request.py -p no:randomly $(ARGS)

bench: ## What people wait for, beside its floor, as a Markdown table; ONLY=pages chooses, ARGS='--json FILE' keeps
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.bench $(ARGS)

check: ## Formatters, linters, types, the import contract, migrations, the deployment check
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.check

sbom: ## What production is built from: CycloneDX in .local/sbom.json, and the licenses as a table
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.supply.sbom .local/sbom.json

release: ## Archive, bill of materials, SHA256SUMS and a signed tag of the version that CHANGELOG.md begins with
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.supply.release $(ARGS)

advisories: ## Known faults of pinned packages, from a dated file; FROM=all.zip (osv.dev, PyPI) makes the file anew
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.supply.advisories $(FROM)

pictures: ## Draw static/img/*.png from icon.svg and a drawing
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.pictures

screenshots: ## The pictures in docs/, from a running `make demo`
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@$(PYTHON_ENV) -m tests.screenshots

format: ## Put code and templates in order
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@.venv/bin/ruff format && .venv/bin/ruff check --fix && .venv/bin/djade --target-version 6.1 $$(find templates -name '*.html')

requirements: ## Pin what requirements*.in have that requirements*.txt have not; UPGRADE=django brings one up to date, UPGRADE=all all
	@PYTHON='$(PYTHON)' ./bootstrap.sh
	@for name in requirements requirements-local requirements-dev requirements-uv; do \
	  UV_SYSTEM_CERTS="$${UV_SYSTEM_CERTS:-1}" .venv/bin/python -m uv pip compile -q $(UPGRADING) --universal \
	    --generate-hashes --python-version 3.12 --no-header --no-annotate $$name.in -o $$name.txt || exit 1; done
