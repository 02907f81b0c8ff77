"""Chatelier: a self-hosted chatbot that paints."""

__version__ = "0.1.0"
