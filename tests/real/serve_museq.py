"""Serves museq over a diffusion model of random weights, made anew: python serve_museq.py FOLDER. Run by the Python of
build/engines; tells its address on standard output and ends with its standard input."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is looked for outside
os.environ["MUSE_HOME"] = str(Path(sys.argv[1]) / "home")

import diffusers  # type: ignore[import-not-found]
import torch  # type: ignore[import-not-found]
import uvicorn
from muse.core.registry import ModalityRegistry  # type: ignore[import-not-found]
from muse.core.server import create_app  # type: ignore[import-not-found]
from muse.modalities.image_generation.routes import MODALITY, build_router  # type: ignore[import-not-found]
from muse.modalities.image_generation.runtimes.diffusers import (  # type: ignore[import-not-found]
    DiffusersText2ImageModel,
)
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer  # type: ignore[import-not-found]

NAME = "tiny-1"
WIDE = 32  # of everything


def make(folder: Path) -> None:
    """A whole pipeline of a few megabytes that has learned nothing."""
    torch.manual_seed(1)
    unet = diffusers.UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        block_out_channels=(WIDE, 2 * WIDE),
        layers_per_block=1,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=WIDE,
        attention_head_dim=8,
    )
    vae = diffusers.AutoencoderKL(
        block_out_channels=(WIDE, WIDE, WIDE, WIDE),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
    )
    tokenizer = _tokenizer(folder / "words")
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(tokenizer),
            hidden_size=WIDE,
            intermediate_size=WIDE,
            num_hidden_layers=1,
            num_attention_heads=4,
            max_position_embeddings=77,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    pipeline = diffusers.StableDiffusionPipeline(
        unet=unet,
        vae=vae,
        text_encoder=text,
        tokenizer=tokenizer,
        scheduler=diffusers.DDIMScheduler(),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder / "model")


def _tokenizer(folder: Path) -> CLIPTokenizer:
    """A word for every letter, in the middle and at the end of a word."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = [chr(code) for code in range(33, 127)]
    words = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: at for at, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)


def serve(folder: Path) -> None:
    painter = DiffusersText2ImageModel(
        hf_repo=str(folder / "model"),
        local_dir=str(folder / "model"),
        device="cpu",
        dtype="float32",
        model_id=NAME,
        default_size=(128, 128),
        default_steps=2,
    )
    registry = ModalityRegistry()
    can = {"supports_img2img": True, "supports_inpainting": True, "supports_variations": True}
    registry.register(MODALITY, painter, manifest={"model_id": NAME, "modality": MODALITY, "capabilities": can})
    app = create_app(registry=registry, routers={MODALITY: build_router(registry)})
    listening = socket.create_server(("127.0.0.1", 0))
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    print(f"http://127.0.0.1:{listening.getsockname()[1]}", file=told, flush=True)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    server.run(sockets=[listening])


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    serve(Path(sys.argv[1]))
