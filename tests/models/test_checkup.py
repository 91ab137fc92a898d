"""A checkup of a model in this process, by llama.cpp itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mill
import msgspec
import pytest
from models import tiny

from quern import schema
from quern.engines.llm import asking
from quern.models import checkup, machine
from quern.records import Check
from quern.vault import Vault

pytestmark = pytest.mark.llama


@pytest.fixture
def here(tmp_path: Path) -> Vault:
    return Vault(mill.empty_vault(tmp_path / "vault"))


def examined(here: Vault, monkeypatch: pytest.MonkeyPatch, path: Path, **spec: Any) -> dict[str, Check]:
    monkeypatch.setenv("QUERN_MODEL", str(path))
    told = schema.load(here)
    (name,) = told.models
    llama = msgspec.structs.replace(told.models[name].llama, **spec)
    told = msgspec.structs.replace(
        told,
        models={name: msgspec.structs.replace(told.models[name], llama=llama)},
        roles={"extract": schema.Asked(max_tokens=200)},
    )
    found = checkup.checks(here, told, lambda of: asking.prompt("extract", of).shared[:1])
    return {check.code: check for check in found if check.subject == name}


def test_a_model_in_this_process_is_read_loaded_and_asked(here: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny.write(here.root / "tiny.gguf")
    found = examined(here, monkeypatch, path)
    assert found["file"].state == "fine"
    assert found["context"].value == tiny.CONTEXT
    assert found["template"].state == "fine"
    assert found["memory"].state == "fine"
    assert found["generation"].state == "fine"
    # It has random weights: under the grammar its reply is of the schema, and it cannot know the word.
    assert found["probe"].state == "wrong"
    assert "was told the code word" in found["probe"].message or "did not end" in found["probe"].message
    assert found["speed"].value
    assert "a token" in found["speed"].message
    assert not (here.cache / "replies").exists()


def test_a_model_without_a_template_is_noted(here: Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tiny.write(here.root / "tiny.gguf", template=None)
    assert examined(here, monkeypatch, path)["template"].state == "noted"


def test_more_context_than_was_trained_is_wrong_and_nothing_is_asked(
    here: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = examined(here, monkeypatch, tiny.write(here.root / "tiny.gguf"), n_ctx=2 * tiny.CONTEXT)
    assert found["context"].state == "wrong"
    assert found["context"].fix == f"n_ctx: {tiny.CONTEXT} or less, or auto"
    assert "probe" not in found


def test_what_does_not_fit_is_wrong_and_on_a_mac_the_limit_can_be_raised(
    here: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tiny.write(here.root / "tiny.gguf")
    monkeypatch.setattr(machine, "memory", lambda: machine.Memory(total=10**7, free=10**5))
    found = examined(here, monkeypatch, path)["memory"]
    assert found.state == "wrong"
    assert found.fix.startswith("a smaller n_ctx")
    monkeypatch.setattr(checkup, "_llama_cpp", lambda: ([], ["MTL"]))
    monkeypatch.setattr(machine, "memory", lambda: machine.Memory(total=2**35, free=2**35, gpu=10**5, wired=True))
    found = examined(here, monkeypatch, path)["memory"]
    assert found.fix.startswith("sudo sysctl iogpu.wired_limit_mb=256, or a smaller n_ctx")
    found = examined(here, monkeypatch, path, options={"n_gpu_layers": 0})["memory"]
    assert found.state == "fine"


@pytest.mark.parametrize(("bandwidth", "said"), [(4.8e12, "at most "), (0.0, "is not known")])
def test_what_a_card_allows_stands_beside_what_was_measured(
    here: Vault, monkeypatch: pytest.MonkeyPatch, bandwidth: float, said: str
) -> None:
    monkeypatch.setattr(checkup, "_llama_cpp", lambda: ([], ["CUDA"]))
    monkeypatch.setattr(machine, "memory", lambda: machine.Memory(2**35, 2**35, gpu=2**35, gpu_free=2**35))
    monkeypatch.setattr(machine, "card_bandwidth", lambda: bandwidth)
    found = examined(here, monkeypatch, tiny.write(here.root / "tiny.gguf"))["speed"].message
    assert "tokens/s written" in found
    assert said in found
    assert ("by 4,800.0 GB/s" in found or "by 4800.0 GB/s" in found) == bool(bandwidth)


@pytest.mark.parametrize(("wired", "name"), [(True, "Metal"), (False, "CUDA")])
def test_a_gpu_that_the_build_cannot_use_is_wrong(
    here: Vault, monkeypatch: pytest.MonkeyPatch, wired: bool, name: str
) -> None:
    built = Check(subject="llama.cpp", code="build", state="fine", message="")
    monkeypatch.setattr(checkup, "_llama_cpp", lambda: ([built], []))
    monkeypatch.setattr(machine, "memory", lambda: machine.Memory(10**9, 10**9, gpu=10**9, wired=wired))
    monkeypatch.setenv("QUERN_MODEL", str(here.root / "none.gguf"))
    found = checkup.checks(here, schema.load(here), lambda of: asking.prompt("extract", of).shared)
    (gpu,) = [check for check in found if check.code == "gpu"]
    assert gpu.state == "wrong"
    assert f"without {name}" in gpu.message
    assert f"-DGGML_{name.upper()}=on" in gpu.fix


def test_the_build_names_its_backends() -> None:
    found, _ = checkup._llama_cpp()
    assert found[0].state == "fine"
    assert "CPU" in found[0].message
