"""From datasets to pictures, which knows no model."""
