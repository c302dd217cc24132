# What is done to this repository, by name. 'make help' lists it. Every target ends with one line that sums it up.

GO       ?= go
JOBS     ?= 2
FUZZTIME ?= 5m
RUNS     ?= runs
ROBOTD    = $(GO) run ./cmd/robotd

export CGO_ENABLED = 0

.DEFAULT_GOAL := help
.PHONY: help build test peers mujoco-stand ros2-interop ros1-interop weights curve ablations evidence bench bench-loop bench-kill faults faults-long fuzz fuzz-short lint

help: ## this list
	@grep -E '^[a-z0-9-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed -E 's/^([a-z0-9-]+):.*## /\1	/' | awk -F '\t' '{printf "  make %-14s %s\n", $$1, $$2}'

build: ## bin/robotd, one static binary
	$(GO) build -trimpath -ldflags '-s -w' -o bin/robotd ./cmd/robotd
	@echo "build: bin/robotd, $$(wc -c <bin/robotd) bytes"

# The peers are other people's software that judges ours: MuJoCo, ROS 2, ROS 1, Gazebo's checker, Chromium. Each script installs
# its own if need be, and prints where it is.
peers: ## install the software that tests compare with
	@for script in tools/peers/*.sh; do \
		where=$$(sh $$script) || { \
			echo "peers: $$script failed" >&2; \
			if [ "$$(id -u)" != 0 ]; then echo "peers: if it lacked root, run once: sudo env HOME=$$HOME make peers" >&2; fi; \
			exit 1; }; \
		echo "$$script: $$(echo "$$where" | tail -n 1)"; \
	done
	@echo "peers: all there"

# Packages that speak on a ROS graph or to a simulator in real time run one after the other: they share domains and cores.
GRAPH = /(ros2|nodes|sim/mujoco|launch)(/|$$)

test: peers ## all tests, peers included
	@fail=0; all=$$($(GO) list ./...) || exit 1; \
	$(GO) test -p $(JOBS) -timeout 40m $$(echo "$$all" | grep -vE '$(GRAPH)') || fail=1; \
	$(GO) test -p 1 -timeout 40m $$(echo "$$all" | grep -E '$(GRAPH)') || fail=1; \
	if [ $$fail = 0 ]; then echo "test: every package passed"; else echo "test: FAILED, see FAIL above"; exit 1; fi

mujoco-stand: ## stand in MuJoCo over real ROS 2: a body and a physics that are not ours
	@sh tools/peers/mujoco-ros2.sh >/dev/null
	$(ROBOTD) eval --body mujoco --planner mode2 --seed 1
	@echo "mujoco-stand: upright through all pushes and in real time"

ros2-interop: ## talk with ROS 2's own nodes
	$(GO) test -p 1 -count=1 -v -timeout 20m ./ros2/... ./nodes/ros2/...
	@echo "ros2-interop: passed"

ros1-interop: ## talk with ROS 1's own nodes
	$(GO) test -count=1 -v -timeout 20m ./nodes/ros1/...
	@echo "ros1-interop: passed"

weights: ## train the embedded weights again from seed 1: three quarters of an hour on two cores; an interrupted run goes on
	$(ROBOTD) train --preset default --seed 1 --out $(RUNS)/weights
	cp $(RUNS)/weights/model.safetensors $(RUNS)/weights/model-card.md launch/weights/
	@echo "weights: launch/weights is new; rebuild, and measure anew what docs/STATUS.md quotes"

curve: ## survival curves and J50 of every planner
	$(ROBOTD) eval --curve --out $(RUNS)/curve
	@echo "curve: $(RUNS)/curve/curve.md, curve.png"

ablations: ## what the planner owes to which part
	@mkdir -p $(RUNS)
	$(ROBOTD) eval --ablations >$(RUNS)/ablations.md
	@cat $(RUNS)/ablations.md
	@echo "ablations: $(RUNS)/ablations.md"

evidence: ## collapse controls and open-loop error of the world model
	@mkdir -p $(RUNS)
	$(ROBOTD) eval --evidence >$(RUNS)/evidence.md
	@cat $(RUNS)/evidence.md
	@echo "evidence: $(RUNS)/evidence.md"

bench: ## kernels and the planning tick on this computer
	$(GO) test -run '^$$' -bench . -benchmem -timeout 30m ./...
	$(ROBOTD) bench planner
	@echo "bench: done; wall-clock figures of a shared machine are ratios at best"

bench-loop: ## the 1 kHz loops of gate and mind beside C cyclictest: ten pairs, seven minutes, on a machine left alone
	@sh tools/peers/cyclictest.sh >/dev/null
	$(ROBOTD) bench loop

bench-kill: ## kill -9 of host, mind and gate, 100 times each in real time, body in the link and behind ROS 2, on a machine left alone
	@sh tools/peers/cyclictest.sh >/dev/null
	$(ROBOTD) bench kill --kills 100
	$(ROBOTD) bench kill --kills 100 --body ros2

faults: ## the catalogue of faults, 200 random runs of several at once, the stop at 100 random moments: four minutes
	$(ROBOTD) faults
	$(ROBOTD) faults --random --seeds 200
	$(ROBOTD) faults --estop 100
	@echo "faults: all answered as owed"

faults-long: ## the same with ten seeds a fault, 2000 random runs and 1000 presses: half an hour on two cores
	$(ROBOTD) faults --seeds 10
	$(ROBOTD) faults --random --seeds 2000
	$(ROBOTD) faults --estop 1000
	@echo "faults-long: all answered as owed"

fuzz: ## every fuzz target for FUZZTIME (5m) each
	@n=0; for file in $$(grep -rl --include='*_test.go' '^func Fuzz' .); do \
		for name in $$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' $$file); do \
			echo "$$file $$name"; \
			$(GO) test -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -parallel $(JOBS) ./$$(dirname $$file) || exit 1; \
			n=$$((n + 1)); \
		done; \
	done; echo "fuzz: $$n targets, $(FUZZTIME) each, nothing found"

fuzz-short: ## the same for ten seconds each
	@$(MAKE) --no-print-directory fuzz FUZZTIME=10s

lint: ## vet, gofmt, and the house's rules
	$(GO) vet ./...
	@bad=$$(gofmt -l .); if [ -n "$$bad" ]; then echo "not as gofmt writes them: $$bad"; exit 1; fi
	$(GO) test -count=1 ./internal/tidy
	@echo "lint: clean"
