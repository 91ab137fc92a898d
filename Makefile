# quern: raw sources in, a cited and interlinked wiki out. `make` alone lists what it can do.
#
# Runs under GNU Make 3.81 and bash 3.2 (macOS as shipped), where .SHELLFLAGS is ignored: so each recipe line
# with a pipe sets its own flags, or a failing left side would leave a truncated file that looks whole.
SHELL := bash
MAKEFLAGS += --no-builtin-rules --no-print-directory
.SUFFIXES:
.DELETE_ON_ERROR:

SRC    ?=
FOCUS  ?= $(value QUERN_FOCUS)
DATE   ?= $(if $(value QUERN_DATE),$(value QUERN_DATE),$(shell date +%Y-%m-%d))
VAULT  ?= $(if $(value QUERN_VAULT),$(value QUERN_VAULT),.)
KEEP   ?=
REVIEW ?=
ALL    ?=
YES    ?=
LLAMA  ?=
MCP    ?=
MODEL  ?= $(value QUERN_MODEL)
DATA   ?=
FROM   ?=
TO     ?=
SAVE   ?=
CLAIMS ?=
DEEP   ?=
CALLS  ?=
PYTHON ?=
run    ?=

# What a person typed is data. $(value) keeps Make from expanding a $ in it, and it reaches the programs through the
# environment alone; a sub-make is told the folder of its run, and sees hex keys there and nothing else.
typed = $(if $(filter file,$(origin $(1))),$($(1)),$(value $(1)))
override SRC   := $(call typed,SRC)
override FOCUS := $(call typed,FOCUS)
override DATE  := $(call typed,DATE)
override VAULT := $(call typed,VAULT)
override DATA  := $(call typed,DATA)
override FROM  := $(call typed,FROM)
override MODEL := $(call typed,MODEL)
override TO    := $(call typed,TO)
override CALLS := $(call typed,CALLS)
# Make itself says that AS is the assembler, and some environments have a Q: these count only where they are typed.
override Q     := $(if $(filter command,$(origin Q)),$(value Q))
override AS    := $(if $(filter command,$(origin AS)),$(value AS))
MAKEOVERRIDES  :=
export QUERN_SRC   := $(SRC)
export QUERN_FOCUS := $(FOCUS)
export QUERN_DATE  := $(DATE)
export QUERN_DATA  := $(DATA)
export QUERN_FROM  := $(FROM)
export QUERN_TO    := $(TO)
export QUERN_CALLS := $(CALLS)
export QUERN_Q     := $(Q)
export QUERN_AS    := $(AS)
# zsh hands on the ~ of VAULT=~/notes as it is.
at-home = $(if $(filter ~/%,$(firstword $(1))),$(subst ~/,$(HOME)/,$(1)),$(1))
export QUERN_VAULT := $(call at-home,$(VAULT))
export QUERN_MODEL := $(call at-home,$(MODEL))
# These would have each of many short processes compile the library again, and hide a missing flush.
unexport PYTHONDONTWRITEBYTECODE PYTHONUNBUFFERED

.PHONY: help setup model doctor search ask ingest ingest-all remake lint mend outdated retract log undo rename unite resolve agents init test test-fast bench docs clean stages

help:  ## this list
	@echo 'make TARGET, with SRC=FILE (or several, or a quoted pattern), MODEL=FILE.gguf, VAULT=DIR, DATE=2026-04-02, KEEP=1, -j4:'
	@awk -F':.*  ## ' '/^[a-z-]*:.*  ## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

setup: .venv/ready $(if $(LLAMA),.venv/llama) $(if $(MCP),.venv/mcp)  ## make .venv with what the programs need; LLAMA=1: also llama.cpp; MCP=1: also what bin/mcp needs
	@[ ! -e .git ] || bin/resolve --register
	@$(if $(LLAMA),[ -e .venv/llama ],:)

model: .venv/ready  ## fetch a model that fits into the memory of this machine; MODEL=NAME: another one of bin/model --list
	@bin/model -- $${QUERN_MODEL:+"$$QUERN_MODEL"}

doctor: .venv/ready  ## look whether this machine and each model of the schema can do their work; MODEL=FILE: that one
	@bin/doctor --text

ingest: .venv/ready  ## read SRC into the wiki; FOCUS='what to emphasize'; REVIEW=1 asks first, REVIEW=branch is for a pull request
	@$(call plan,)
	@$(begin)
	@$(stage-all)
	@$(mill)
	@status=0; $(all-staged) || status=2; $(tidy); exit $$status

ingest-all: .venv/ready  ## read everything in raw/ that is not in the wiki yet
	@$(if $(branch),echo 'make: nobody reviews a branch of everything: make ingest SRC=... REVIEW=branch' >&2; exit 2)
	@$(call plan,--all)
	@$(stage-all)
	@$(mill) || $(one-by-one)
	@status=0; bin/tally $(folder)/tasks.jsonl || status=2; $(tidy); exit $$status

remake: .venv/ready  ## read SRC, or all with ALL=1, again with what reads now; shows first what would change, and asks; YES=1: only shows
	@$(call plan,--again $(if $(ALL),--all))
	@$(stage-all)
	@$(mill)
	@status=0; $(all-staged) || status=2; $(tidy); exit $$status
	@$(MAKE) outdated
remake: again = --again
remake: reviewed = | { bin/review $(if $(YES),--show) - || [ $$? -eq 1 ]; }

search: .venv/ready  ## find pages by Q='words "a phrase" turb* -without type:entity'; CLAIMS=1: claims
	@bin/search --text $(if $(CLAIMS),--claims) -- "$$QUERN_Q" || { [ $$? -eq 1 ] && echo 'search: nothing found'; }

ask: .venv/ready  ## answer the question Q from the wiki; AS=table, slides, chart (TO=x.png), canvas or json; SAVE=1 keeps it as a page
	@set -euo pipefail; mkdir -p build; file=$$(mktemp build/answer-XXXXXX); trap 'rm -f "$$file"' EXIT; status=0; \
	bin/ask $(if $(filter table chart,$(AS)),--compare) -- "$$QUERN_Q" >"$$file" || status=$$?; \
	[ $$status -le 1 ] || exit $$status; status=0; \
	if [ "$$QUERN_AS" = chart ]; then set -- --out "$${QUERN_TO:-build/chart.png}"; else set --; fi; \
	bin/show --as "$${QUERN_AS:-md}" "$$@" "$$file" || status=$$?; [ $$status -le 1 ] || exit $$status; \
	$(if $(SAVE),{ bin/merge "$$file" $(kept); } >&2)

lint: .venv/ready  ## check the whole wiki; a table for people, and an entry in log.md when the counts differ; ALL=1: hints too; DEEP=1: a model is asked as well, CALLS=40 times at most
	@set -euo pipefail; $(found); $(call finding,bin/lint $(if $(ALL),--all)); $(if $(DEEP),$(call finding,bin/judge);) \
	    bin/logappend --lint "$$file" | bin/report -; $(if $(ALL)$(DEEP),,[ $$status -ne 0 ] || echo 'lint: nothing found';) exit $$status

mend: .venv/ready  ## put right what lint finds and nothing is to be decided about: links to renamed pages, counts, the index
	@set -euo pipefail; { bin/lint $(addprefix --code ,$(mendable)) || [ $$? -eq 1 ]; } | bin/mend - | bin/merge - | bin/index - | bin/logappend - \
	    | { grep '"kind":"change"' || [ $$? -eq 1 ]; } | bin/report -

outdated: .venv/ready  ## write the leads anew that no longer match the claims of their pages
	@set -euo pipefail; { bin/outdated || [ $$? -eq 1 ]; } | bin/summarize - | bin/merge - | bin/index - \
	    | { bin/lint - || [ $$? -eq 1 ]; } | bin/logappend - | bin/report -

retract: .venv/ready  ## take the source SRC (its path or title) back out of the wiki; the raw file stays
	@set -euo pipefail; { bin/retract -- "$$QUERN_SRC" | bin/index - | bin/logappend -; \
	    { bin/outdated || [ $$? -eq 1 ]; } | bin/summarize - | bin/merge - | bin/index - | bin/logappend -; } \
	    | { bin/lint - || [ $$? -eq 1 ]; } | bin/report -

log: .venv/ready  ## the last ten entries of log.md
	@set -euo pipefail; { grep '^## \[' "$$QUERN_VAULT/log.md" || [ $$? -eq 1 ]; } | tail -10

rename: .venv/ready  ## give the page FROM (title, alias or path) the title TO; every link follows
	@set -euo pipefail; bin/rename -- "$$QUERN_FROM" "$$QUERN_TO" $(kept)

unite: .venv/ready  ## let the page FROM go into the page TO: the two are about one thing
	@set -euo pipefail; bin/unite -- "$$QUERN_TO" "$$QUERN_FROM" $(kept)
	@$(MAKE) outdated

undo: .venv/ready  ## take back the last run, which git has as a commit (git: {commit: true} in schema.yaml)
	@set -euo pipefail; bin/undo | bin/report -

resolve: .venv/ready  ## unite the pages that a git merge has touched on both sides, without our driver or in conflict
	@set -euo pipefail; bin/resolve | bin/report -

agents: .venv/ready  ## write AGENTS.md and CLAUDE.md: how an agent keeps the vault
	@bin/agents || [ $$? -eq 1 ]

init: .venv/ready  ## lay out a new vault: make init VAULT=~/notes
	@bin/init -- "$$QUERN_VAULT" || [ $$? -eq 1 ]

# As many processes as there are processors; who has nothing left takes from another what is left there.
pytest = pytest --quiet --numprocesses auto --maxprocesses 8 --dist worksteal

test: .venv/dev .venv/llama  ## all tests, types, style and coverage; makes what they need, llama.cpp included
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check --quiet .
	@.venv/bin/mypy
	@rm -f .coverage .coverage.*; .venv/bin/coverage run -m $(pytest) $(if $(wildcard .venv/llama),,-m 'not llama')
	@QUERN_TEST_MODEL=good .venv/bin/python -m $(pytest) tests/scenarios
	@.venv/bin/coverage combine --quiet && .venv/bin/coverage report --skip-covered --fail-under=90
	@[ -e .venv/llama ] || { echo 'make test: not green: the tests of llama.cpp could not run (see above)' >&2; exit 1; }

test-fast: .venv/dev  ## the tests alone, without those of llama.cpp
	@.venv/bin/python -m $(pytest) -m 'not llama'

bench: .venv/dev  ## measure speed; with DATA=DIR also quality on labelled sets: see docs/benchmarks.md
	@set -e; for bench in start corpus wiki relating; do echo "== $$bench"; QUERN_MODEL= .venv/bin/python bench/$$bench.py; done
	@set -e; [ ! -e .venv/llama ] || for bench in model asking; do echo "== $$bench"; .venv/bin/python bench/$$bench.py; done
	@set -e; for bench in whole synto; do echo "== $$bench"; .venv/bin/python bench/$$bench.py || [ $$? -eq 2 ]; done
	@[ -z "$$QUERN_DATA" ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@set -e; [ -z "$$QUERN_DATA" ] || for set in keyphrases:keyphrase/dev summaries:summarization/dev \
	    entities:entities/dev search:. contradictions:contradiction/dev staleness:staleness/dev adversarial:adversarial \
	    answers:end-to-end/synto-compare-corpus; do \
	    echo "== $${set%%:*}"; .venv/bin/python "bench/$${set%%:*}.py" "$$QUERN_DATA/$${set#*:}"; done

docs: .venv/dev  ## write again the docs that are made from the code
	@.venv/bin/python docs/records.py && .venv/bin/python docs/checks.py
	@QUERN_VAULT= bin/agents || [ $$? -eq 1 ]

clean:  ## remove what can be made again: build/ and the catalogue
	@rm -rf build "$$QUERN_VAULT/.cache"

# What is found is kept until all who look have done so: of a look that broke off nothing is logged.
found = mkdir -p build; file=$$(mktemp build/findings-XXXXXX); trap 'rm -f "$$file"' EXIT; status=0
finding = said=0; $(1) >>"$$file" || said=$$?; [ $$said -le 1 ] || exit $$said; status=$$((status | said))

# What mend, and index after it, can put right.
mendable = broken-link missing-embed unlinked-mention wrong-count \
    missing-index not-in-index index-without-page index-twice index-drift

# What follows a verb that writes pages, as it follows merge.
kept = | bin/index - | { bin/lint - || [ $$? -eq 1 ]; } | bin/logappend - | bin/report -

# ── One run: plan, then segment and extract of each source (in parallel), then all the rest as one stream. ──

# A folder a run, named by the process of this make: two runs at once do not meet.
folder = build/run-$(shell echo $$PPID)

# Finish what a killed run left; ask what is to do; lay out build/KEY/source for each task. The keys are dealt out in
# parts: a process takes some sources, since loading the programs takes longer than reading a small one.
define plan
set -euo pipefail; rm -rf $(folder); mkdir -p $(folder); \
for owed in pending.jsonl commit.jsonl index; do if [ -e "$$QUERN_VAULT/.quern/$$owed" ]; then \
    bin/logappend - </dev/null >>$(folder)/finished.jsonl; break; fi; done; \
status=0; bin/plan $(1) --build build >$(folder)/tasks.jsonl || status=$$?; \
if [ $$status -gt 1 ]; then rm -rf $(folder); exit $$status; fi; \
$(call keys-of,tasks); $(call part)
endef
keys-of = sed -n 's|.*"state":"todo","key":"\([0-9a-f]*\)".*|build/\1|p' $(folder)/$(1).jsonl >$(folder)/keys
part = n=$$(wc -l <$(folder)/keys) each=$$(( (n + $(cores) - 1) / $(cores) )); \
    [ $$n -eq 0 ] || split -a 4 -l $$(( each > 16 ? 16 : each )) $(folder)/keys $(folder)/part-
# A model takes all of the machine for itself, and what a server does at once is for `parallel:` to say.
cores = $$(if [ "$$QUERN_MODEL" ] || grep -Eqs '^models: *($$|\#|\{ *[^} ])' "$$QUERN_VAULT/schema.yaml"; then echo 1; \
    else getconf _NPROCESSORS_ONLN; fi)

# As many jobs as there are processors, unless the person gave -j.
jobs = $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(cores))
stage-all = [ ! -s $(folder)/keys ] || $(MAKE) $(jobs) run=$(folder) stages

stages: $(if $(run),$(patsubst %,%.done,$(wildcard $(run)/part-*)))
	@:

# build/KEY/source → passages.jsonl → claims.jsonl. A stage that fails leaves no file and stops no other source;
# what it said is in build/KEY/stderr.
build/%.done: build/%
	@bin/each $< segment @source passages.jsonl extract passages.jsonl claims.jsonl || [ $$? -eq 1 ]
	@touch $@

# The rest depends on the wiki as it stands, so it has no stage files: all sources in one stream, in their order.
# Findings (status 1 of lint) are an answer and no reason to stop; that lint could not (2) is.
keep = $(if $(KEEP),| tee $(folder)/$(1).jsonl)
reviewed = $(if $(branch),,$(if $(REVIEW),| { bin/review - || [ $$? -eq 1 ]; }))
grind = bin/link $(again) - $(call keep,link) | bin/summarize - $(call keep,summarize) $(reviewed) | bin/merge - $(call keep,merge) \
    | bin/index - $(call keep,index) | { bin/lint - || [ $$? -eq 1 ]; } $(call keep,lint) \
    | bin/logappend - $(call keep,logappend) $(proposed) | bin/report -
staged = while read -r key; do [ ! -e $$key/claims.jsonl ] || echo $$key/claims.jsonl; done <$(folder)/keys
mill = set -euo pipefail; $(staged) >$(folder)/claims; $(if $(branch),export QUERN_VAULT=$(copy);) \
    [ ! -s $(folder)/claims ] || { xargs cat <$(folder)/claims | $(grind); }$(if $(branch), || { rm -rf $(copy); exit 2; })
all-staged = [ $$(wc -l <$(folder)/claims) -eq $$(wc -l <$(folder)/keys) ] \
    && ! xargs grep -q '"kind":"unread".*"sort":"refused"' <$(folder)/claims

# With REVIEW=branch all this happens in a copy of the vault, and only if all of it went well is there a branch.
# Obsidian does not look into folders whose names begin with a dot.
copy = $(folder)/.vault
branch = $(filter branch,$(REVIEW))
begin = $(if $(branch),[ ! -s $(folder)/keys ] || bin/propose --begin $(copy) || { rm -rf $(folder); exit 2; })
proposed = $(if $(branch),>$(folder)/made.jsonl && bin/propose $(folder)/made.jsonl)

# When the stream broke off at one source: each that is left, alone; and when three fail, it is not the sources.
define one-by-one
{ bin/plan --all >$(folder)/left.jsonl 2>$(folder)/left || [ $$? -eq 1 ]; $(call keys-of,left); $(staged) >$(folder)/claims; \
failed=0; while read -r claims; do \
    [ $$failed -lt 3 ] || break; \
    { { $(grind); } <$$claims 2>&1 >&4 | tee $${claims%/*}/stderr >&2; } 4>&1 || failed=$$((failed + 1)); \
done <$(folder)/claims; }
endef

define tidy
if [ -e "$$QUERN_VAULT/.quern/pending.jsonl" ]; then bin/logappend - </dev/null >/dev/null; fi; \
$(if $(KEEP),echo 'kept: $(folder)' >&2,rm -rf $(folder))
endef

# ── The environment. ──

.venv/ready: setup.cfg pyproject.toml
	@python=; for name in $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11; do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	[ "$$python" ] || { echo 'make: quern needs Python 3.11 or newer: install one, or name it: make setup PYTHON=/path/to/python3' >&2; exit 1; }; \
	echo "make: setting up .venv, once ($$("$$python" --version))" >&2; \
	[ -x .venv/bin/python ] || "$$python" -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/dev: .venv/ready
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

.venv/mcp: .venv/ready
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[mcp]'
	@touch $@

# llama-cpp-python comes as source, unless pip knows a wheel (for Metal: its project's index, PIP_EXTRA_INDEX_URL).
compiler = echo 'int main() { return 0; }' | c++ -x c++ -fsyntax-only - >/dev/null 2>&1
llama = .venv/bin/python -m pip install --quiet --disable-pip-version-check
.venv/llama: .venv/ready
	@set -euo pipefail; if $(llama) --only-binary llama-cpp-python --editable '.[llama]' >/dev/null 2>&1; then touch $@; \
	elif $(compiler); then \
	    echo 'make: building llama-cpp-python, once; this takes some minutes' >&2; \
	    if [ "$$(uname -sm)" = 'Darwin arm64' ]; then export CMAKE_ARGS="$${CMAKE_ARGS:--DGGML_METAL=on}"; fi; \
	    $(llama) --editable '.[llama]' && touch $@; \
	else echo 'make: no C++ compiler (c++), so llama-cpp-python cannot be built' >&2; fi
