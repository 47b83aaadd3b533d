"""The steps of a templated exchange: what an administrator may say of them, and how they are run."""
