"""The program `candlefish` as it is installed: an application that ships the client alone has it too."""

import sys


def main() -> None:
    """Run the command line, or say what to install where only the client is."""
    try:
        from candlefish.cli.main import main as run
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("candlefish"):
            raise
        print(
            f"candlefish: this is the client alone, the command line needs {error.name} and more\n"
            'hint: pip install "candlefish[tier]"',
            file=sys.stderr,
        )
        sys.exit(2)
    run()
