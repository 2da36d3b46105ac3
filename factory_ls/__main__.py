"""`factory-ls` and `python -m factory_ls`.

Without a subcommand this is the language server on stdio: the way an editor starts it, and the one that must be fast.
"""

import os
import sys


def main() -> None:
    arguments = sys.argv[1:]
    if all(argument.startswith("--") and argument not in ("--help", "--version") for argument in arguments):
        # Editors pass flags of their own (`--stdio`, `--clientProcessId=N`): none changes what we do.
        from factory_ls.hub.forward import serve_stdio  # noqa: PLC0415

        code = serve_stdio(os.environ)
        sys.stderr.flush()
        os._exit(code)  # the thread that reads stdin is blocked in it, and nothing else is left to clean up
    from factory_ls.cli import run  # noqa: PLC0415

    run()


if __name__ == "__main__":
    main()
