"""From a diffusion matrix to noise terms."""
