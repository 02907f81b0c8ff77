"""Reading an operator's workflow: found by its links, or named by its titles, or refused with a sentence."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatelier.errors import Invalid
from chatelier.providers.comfy_workflow import Workflow, read_workflow
from chatelier.providers.comfyui import ComfyUI
from tests.providers.comfy_workflows import ALPHA, CUSTOM, EDIT, MASK, NEW, written


def places(workflow: Workflow) -> dict[str, list[str]]:
    return {name: [f"{place.node}.{place.key}" for place in found] for name, found in workflow.places.items()}


def test_an_ordinary_workflow_is_read_by_its_links() -> None:
    workflow = read_workflow(written(NEW), {})
    assert places(workflow) == {
        "seed": ["3.seed"],
        "steps": ["3.steps"],
        "cfg": ["3.cfg"],
        "sampler": ["3.sampler_name"],
        "scheduler": ["3.scheduler"],
        "strength": ["3.denoise"],
        "prompt": ["6.text"],
        "negative_prompt": ["7.text"],
        "width": ["5.width"],
        "height": ["5.height"],
        "n": ["5.batch_size"],
        "model": ["4.ckpt_name"],
    }
    assert workflow.outputs == ["9"]
    assert not workflow.takes_mask


def test_a_sampler_in_parts_is_read_too() -> None:
    found = places(read_workflow(written(CUSTOM), {}))
    assert found["prompt"] == ["9.clip_l", "9.t5xxl"]
    assert "negative_prompt" not in found
    assert (found["seed"], found["width"], found["height"]) == (["13.value"], ["12.value"], ["7.height"])
    assert (found["steps"], found["sampler"], found["model"]) == (["6.steps"], ["5.sampler_name"], ["1.unet_name"])


def test_sources_and_masks_are_found() -> None:
    edit, mask, alpha = (read_workflow(written(graph), {}) for graph in (EDIT, MASK, ALPHA))
    assert places(edit)["image"] == ["10.image"]
    assert (places(edit)["width"], "n" in edit.places) == (["12.width"], False)
    assert (places(mask)["mask"], mask.masked_by_alpha) == (["13.image"], False)
    assert ("mask" in alpha.places, alpha.masked_by_alpha) == (False, True)
    filled = mask.filled({"mask": "m.png"}, ["s.png"])
    assert filled["13"]["inputs"] == {"image": "m.png", "channel": "alpha"}
    assert filled["10"]["inputs"]["image"] == "s.png"
    assert MASK["13"]["inputs"]["channel"] == "red"


def test_the_first_of_two_samplers_counts_and_the_last_image_is_the_result() -> None:
    graph = deepcopy(NEW)
    graph["20"] = deepcopy(graph["3"])
    graph["20"]["inputs"] |= {"latent_image": ["3", 0], "denoise": 0.4}
    graph["21"] = {"class_type": "VAEDecode", "inputs": {"samples": ["20", 0], "vae": ["4", 2]}}
    graph["22"] = {"class_type": "SaveImage", "inputs": {"images": ["21", 0], "filename_prefix": "large"}}
    workflow = read_workflow(written(graph), {})
    assert places(workflow)["seed"] == ["3.seed"]
    assert workflow.outputs == ["22", "9"]
    assert workflow.samplers() == {"3", "20"}


def test_a_title_of_the_operator_comes_before_what_was_found() -> None:
    graph = deepcopy(NEW)
    graph["30"] = {"class_type": "PrimitiveString", "inputs": {"value": "x"}, "_meta": {"title": "Subject"}}
    named = {"prompt": "Subject", "seed": "Sampler.steps", "width": "size", "height": "5", "output": "Save"}
    found = read_workflow(written(graph), named)
    assert places(found)["prompt"] == ["30.value"]
    assert places(found)["seed"] == ["3.steps"]
    assert (places(found)["width"], places(found)["height"]) == (["5.width"], ["5.height"])
    assert found.outputs == ["9"]


def test_the_operators_own_words_stay_around_the_prompt() -> None:
    graph = deepcopy(NEW)
    graph["6"]["inputs"]["text"] = "masterpiece, {prompt}, soft light"
    graph["7"]["inputs"]["text"] = "blurry"
    filled = read_workflow(written(graph), {}).filled({"prompt": "a cat", "negative_prompt": "text"})
    assert filled["6"]["inputs"]["text"] == "masterpiece, a cat, soft light"
    assert filled["7"]["inputs"]["text"] == "text, blurry"


def test_a_workflow_may_be_a_file_beside_the_configuration_or_what_was_posted(tmp_path: Path) -> None:
    (tmp_path / "new.json").write_text(json.dumps({"prompt": NEW, "client_id": "x"}))
    assert read_workflow("new.json", {}, folder=tmp_path).graph == NEW


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nowhere.json", "cannot be read"),
        ("{", "is not JSON"),
        ("{}", "is not in API format"),
        ('{"nodes": [], "links": []}', "Export (API)"),
        ('{"1": {"class_type": "KSampler"}}', "is not in API format"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_workflow_is_refused_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_workflow(text, {})
    assert says in refused.value.sentence


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"inputs": {"colour": "Save"}}, "inputs.colour is not known"),
        ({"inputs": {"prompt": "Nobody"}}, "names the node Nobody, which is not in the workflow. Titles there: Decode"),
        ({"workflow": written({"9": NEW["9"]})}, "no place was found for the prompt"),
        ({"edit_workflow": written(NEW)}, "no place was found for the image"),
        ({"mask_workflow": written(EDIT)}, "takes no mask"),
    ],
)
def test_an_operator_hears_at_the_start_what_is_missing(settings: dict[str, Any], says: str) -> None:
    with pytest.raises(Invalid) as refused:
        ComfyUI(**{"base_url": "http://127.0.0.1:8188", "workflow": written(NEW), **settings})
    assert says in refused.value.sentence


_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.tuples(st.sampled_from("123"), st.integers(0, 2)),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=3,
)
_keys = st.sampled_from(["latent_image", "positive", "negative", "text", "samples", "image", "width", "model", "seed"])
_kinds = st.sampled_from(["KSampler", "CLIPTextEncode", "LoadImage", "EmptyLatentImage", "SaveImage"])
_nodes = st.fixed_dictionaries({"class_type": _kinds, "inputs": st.dictionaries(_keys, _values, max_size=4)})


@given(st.dictionaries(st.sampled_from("123"), _nodes, min_size=1, max_size=3))
def test_any_workflow_is_read_or_refused_never_a_crash_or_an_endless_walk(graph: dict[str, Any]) -> None:
    workflow = read_workflow(json.dumps(graph), {})
    workflow.filled({"prompt": "a cat", "seed": 1, "width": 64}, ["a.png"])
