"""Image bytes: decode and re-encode safely, keep and read them."""
