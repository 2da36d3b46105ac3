"""Puts fakes in the places of two modules, in every Python that has this folder on its PYTHONPATH.

So tests run the real program, forwarder and hub and all, with an application they control, and without the second
that importing the `mcp` library takes.
"""

import importlib.util
import sys
from pathlib import Path

FAKES = {"factory_ls.factory.app": "fake_app.py", "factory_ls.mcp.asgi": "fake_asgi.py"}


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in FAKES:
            return importlib.util.spec_from_file_location(name, Path(__file__).with_name(FAKES[name]))
        return None


sys.meta_path.insert(0, Finder)
