"""Commands about policies."""

import click


@click.group()
def policy() -> None:
    """Policies: check a pack, simulate it, see where a case stands."""
