"""helm, built from its Go module as tests/helm pins it: the chart is tested with what people install it with."""

from __future__ import annotations

from pathlib import Path

from .go_build import built

SOURCE = Path(__file__).resolve().parent.parent / "helm"
HELM = "3.20.2"


def program() -> Path:
    """Never the machine's own: what a chart renders to, and what is refused, is one version's word."""
    flags = f"-s -w -X helm.sh/helm/v3/internal/version.version=v{HELM}"
    return built(SOURCE, f"helm-{HELM}", ["helm.sh/helm/v3/cmd/helm"], flags) / "helm"
