# Needs make and Python 3.11 or newer with venv; everything else is set up in .venv on the first call.
PYTHON ?=
ARGS ?=
BIN := .venv/bin
export PYTHON
unexport PYTHONDONTWRITEBYTECODE  # a server that starts would compile all of its modules anew

.PHONY: run test test-engines check format docs intent evaluation bench screenshots lock setup

run:                ## set up what is missing, start, print the address
	@tools/setup.sh run
	@$(BIN)/chatelier serve $(ARGS)

test:               ## set up what is missing, run every test (make test ARGS="tests/web -k thread" for some)
	@tools/setup.sh test
	@$(BIN)/python -m pytest -n 4 $(ARGS)

test-engines:       ## the adapters against a real images server (PyTorch, 1.3 GB in build/engines; CPU builds do)
	@tools/setup.sh test
	@test -x build/engines/bin/pip || $(BIN)/python -m venv build/engines
	@build/engines/bin/pip install -q --disable-pip-version-check --prefer-binary -r tests/real/requirements.txt
	@$(BIN)/python -m pytest tests/real $(ARGS)

check:              ## lint, format, types
	@tools/setup.sh test
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy

format:             ## let ruff mend what it can
	@tools/setup.sh test
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

docs:               ## the tables of docs/ from the code
	@tools/setup.sh test
	@$(BIN)/python -m tools.docs

intent:             ## learn the odds of chat, new image and change from the labelled messages
	@tools/setup.sh test
	@$(BIN)/python -m tools.intent_model

evaluation:         ## docs/evaluation.md, measured here
	@tools/setup.sh test
	@$(BIN)/python -m tools.evaluation $(ARGS)

bench:              ## the figures of docs/develop.md, measured here
	@tools/setup.sh test
	@$(BIN)/python -m bench $(ARGS)

screenshots:        ## the pictures of docs/images, made from a running instance
	@tools/setup.sh test
	@$(BIN)/python tools/screenshots.py $(ARGS)

lock:               ## requirements*.lock and package-lock.json (make lock ARGS=--upgrade for newer versions)
	@tools/setup.sh test
	@$(BIN)/python tools/lock.py $(ARGS)

setup:
	@tools/setup.sh test
