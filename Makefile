.PHONY: setup demo test lint bench docs clean

setup:  ## make .venv and install the engines that are missing
	@tools/venv.sh
	@.venv/bin/candlefish setup

demo: setup  ## the whole tier, measured before and after
	.venv/bin/candlefish demo

test: setup  ## every test, with coverage
	@tools/proof.sh
	-@tools/postgres_versions.sh
	.venv/bin/pytest --cov --cov-report=term

lint:  ## style, types, layers
	@tools/venv.sh
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: setup  ## the reference workload on a running tier
	.venv/bin/candlefish bench

docs:  ## links hold, and every page says what its command's --help says
	@tools/venv.sh
	.venv/bin/python tools/docs.py

clean:  ## what was made here; tiers are removed with `candlefish destroy`
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage .coverage.* dist build reports
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
