# Two commands matter: `make run` prunes a diffusion model end to end, `make test` checks it.
SHELL := /usr/bin/env bash
CLI := services/Cli
MLOPS := dotnet $(CLI)/bin/Release/net10.0/mlops.dll

# Waiting threads of libtorch sleep soon: spinning, they take the cores from other processes.
export GOMP_SPINCOUNT ?= 10000

.PHONY: run test e2e drills up down build install bench verify clean

## Prune the small model that comes along, end to end: prune, export, evaluate, print the table.
run: build
	@infra/first-run.sh

## Laws, logic, maths, hosts in memory, every recipe; ends with one line `N passed, N failed, N skipped`.
test:
	@infra/test.sh unit

## The services as processes, on a real broker and a real store.
e2e:
	@infra/test.sh e2e

## What takes long: kills, faults and long jobs.
drills:
	@infra/test.sh drills

## Start a broker and an object store on loopback, without containers, and print their addresses.
up:
	@infra/packages.sh servers
	@infra/local/up.sh

## Stop them.
down:
	@infra/local/down.sh

## Compile all projects.
build:
	@dotnet build $(CLI) -c Release -v quiet --nologo

## Install `mlops` as a dotnet tool of this user.
install:
	@infra/install-tool.sh

## Measure a table of docs/benchmarks.md anew: make bench NAME=speedup (without NAME: all of them).
bench:
	@dotnet run -c Release -v quiet --project tests/Bench -- $(or $(NAME),all)

## Compare with a folder of reference fixtures, one line per case: make verify FOLDER=...
verify:
	@dotnet run -c Release -v quiet --project tests/Verify -- "$(FOLDER)" $(DEVICE)

clean:
	@find shared services tests infra -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
