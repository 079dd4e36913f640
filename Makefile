# `make demo` and `make test` do all their own set-up; see scripts/setup.sh.
.PHONY: demo test test-slow lint docs setup

setup:
	@sh scripts/setup.sh

demo: setup
	.venv/bin/python -m itertl_eval.demo

test: setup lint
	.venv/bin/python -m pytest -q -n auto -m "not slow"

test-slow: setup
	.venv/bin/python -m pytest -q -n auto -m slow

lint: setup
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/typos

docs: setup
	.venv/bin/python -m pip install -q --disable-pip-version-check '.[docs]'
	.venv/bin/mkdocs build --strict
