# make help
SHELL = /bin/bash
.DEFAULT_GOAL = help
.PHONY: help demo demo-dvrk demo-guidance demo-reconstruction benchmark fuzz faults docs test lint format setup wheel lock sbom audit clean distclean

PYTHON ?= python3
SET_UP = $(PYTHON) tools/set_up.py $(if $(TORCH),--torch $(TORCH)) $(if $(LOCKED),--locked)
NODES_UNDER_FAULTS = test/nodes/test_perception_back_end.py test/nodes/test_camera_guidance_faults.py
IN_ROS = @source .venv/ros.sh &&

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | column -t -s $$'\t'
	@echo
	@echo 'TORCH=cpu|cuda installs PyTorch in that build; PYTHON=python3.12 chooses the interpreter.'
	@echo 'LOCKED=1 make demo installs by the hashes in tools/requirements.lock, and nothing else.'

demo:  ## run the nodes on the shipped clip, or on VIDEO=file [CALIBRATION=camera.yaml]; VIEW=1 shows it in a browser
	@$(SET_UP) demo $(if $(VIEW),view)
	$(IN_ROS) python -m mt3dnet_ros.demo $(if $(VIDEO),--video '$(VIDEO)') $(if $(CALIBRATION),--calibration '$(CALIBRATION)') $(if $(VIEW),--view)

demo-guidance:  ## let camera guidance move a simulated endoscope; results in demo_output/guidance
	@$(SET_UP) demo
	$(IN_ROS) python -m mt3dnet_ros.demo.guidance

demo-dvrk:  ## film what a surgeon would see at the console, without a robot; EYES=left for one eye; results in demo_output/dvrk
	@$(SET_UP) demo
	$(IN_ROS) python -m mt3dnet_ros.demo.dvrk $(if $(EYES),--eyes '$(EYES)')

demo-reconstruction:  ## fuse the shipped clip into a surface without instruments; results in demo_output/reconstruction
	@$(SET_UP) demo render
	$(IN_ROS) python -m mt3dnet_ros reconstruct config/demo/clip.mp4 --calibration config/demo/camera.yaml --output demo_output/reconstruction --overwrite

benchmark:  ## speed and memory beside their goals, in under ten minutes; DOCS=1 writes docs/notebook/speed.md
	@$(SET_UP) demo depth torch
	$(IN_ROS) python benchmark/report.py $(if $(DOCS),--docs)

fuzz:  ## give decoders and readers what is damaged, lies or is huge, for MINUTES=30 or MESSAGES=1000000; SEED=0
	@$(SET_UP) demo evaluate recordings render torch train
	$(IN_ROS) python benchmark/fuzz.py $(if $(MESSAGES),--messages $(MESSAGES),--minutes $(or $(MINUTES),30)) --seed $(or $(SEED),0)

faults:  ## kill, stop, starve and confuse the nodes, each kind TIMES=20 times, and tell which they survived
	@$(SET_UP) demo evaluate recordings render test torch train
	$(IN_ROS) MT3DNET_FAULTS=$(or $(TIMES),20) python -m pytest -n0 test/robustness $(NODES_UNDER_FAULTS)

docs:  ## build the documentation into site/, to be opened as site/index.html
	@$(SET_UP) docs
	$(IN_ROS) NO_MKDOCS_2_WARNING=1 mkdocs build --strict

test: lint  ## linters, types and all tests; PYTEST=-k... passes arguments on, -n0 among them: in one process
	$(IN_ROS) python -m pytest -n auto $(PYTEST)

lint: setup  ## linters and types alone
	$(IN_ROS) ruff check . && ruff format --check . && mypy

format: setup  ## sort imports, repair what ruff can repair, and format
	$(IN_ROS) ruff check --fix . && ruff format .

setup:  ## only make .venv, with everything
	@$(SET_UP) demo depth dicom docs evaluate export ray recordings render test train view

wheel:  ## build the wheel for pip into dist/
	@$(SET_UP)
	rm -rf build/lib build/bdist.*  # what an earlier build left would go in as well
	$(IN_ROS) python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist .

lock:  ## write tools/requirements.lock: pins with hashes, of EXTRAS='demo ...'
	@$(PYTHON) tools/supply_chain.py lock $(EXTRAS)

sbom:  ## write a bill of materials of .venv (CycloneDX) to build/sbom.json
	@$(PYTHON) tools/supply_chain.py sbom

audit:  ## look up what is in .venv in a public list of vulnerabilities; needs a network
	@$(PYTHON) tools/supply_chain.py audit

clean:  ## remove results and caches
	rm -rf build dist install log site demo_output .mypy_cache .pytest_cache .ruff_cache *.egg-info
	find . -path ./.venv -prune -o -name __pycache__ -exec rm -rf {} +

distclean: clean  ## remove .venv too
	rm -rf .venv
