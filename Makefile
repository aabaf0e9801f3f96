# make demo: everything from nothing but Python 3.11+, to a report for every sample school.
# make test: everything from nothing but Python 3.11+, to all tests: on every core, then those that drive a browser one
# after another. make test PYTEST="tests/privacy -k rings" runs some.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready-$(shell cat pyproject.toml requirements.lock | cksum | cut -d' ' -f1)
SPARK := $(VENV)/.spark-$(shell cksum < requirements-spark.lock | cut -d' ' -f1)

.PHONY: demo test bench lab messages lint clean

demo: $(READY)
	$(BIN)/kit report data_samples/network --out reports
	@echo "Open reports/index.html in a browser."

test: $(READY) $(SPARK)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
ifeq ($(PYTEST),)
	$(BIN)/python -m pytest -n logical --dist loadfile --max-worker-restart 0 -m "not browser"
	$(BIN)/python -m pytest -m browser
else
	$(BIN)/python -m pytest $(PYTEST)
endif

bench: $(READY)
	$(BIN)/python tests/bench/bench_measures.py
	$(BIN)/python tests/bench/bench_release.py
	$(BIN)/python tests/bench/bench_growth.py
	$(BIN)/python tests/bench/bench_report.py
	$(BIN)/python tests/bench/bench_pdf.py
	$(BIN)/python tests/bench/bench_variation.py
	$(BIN)/python tests/bench/bench_pick.py

lab: $(READY)
	$(BIN)/kit lab

messages: $(READY)
	$(BIN)/python -m kit.language.extract

lint: $(READY)
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

$(READY):
	$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11) and 'Python 3.11 or newer is needed')"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	rm -f $(VENV)/.ready-*
	touch $@

$(SPARK): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements-spark.lock
	touch $@

clean:
	rm -rf $(VENV) reports build *.egg-info
