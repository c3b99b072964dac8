"""``sdeframe completion``: what a shell needs to complete commands, options, names of plugins and of parameters."""

from __future__ import annotations

from typing import Final

import click

SHELLS: Final = ("bash", "zsh", "fish")
VARIABLE: Final = "_SDEFRAME_COMPLETE"
"""By which a shell asks ``sdeframe`` how a line could go on."""


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
def completion(shell: str) -> None:
    """Print what lets a shell complete words of sdeframe; in ~/.bashrc: eval "$(sdeframe completion bash)".

    For zsh it is the same in ~/.zshrc; for fish: sdeframe completion fish | source.
    """
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(click.get_current_context().find_root().command, {}, "sdeframe", VARIABLE).source())
