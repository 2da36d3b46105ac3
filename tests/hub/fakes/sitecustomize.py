"""Puts the fake application in the real one's place in every Python that has this folder on its PYTHONPATH.

So tests run the real program, forwarder and hub and all, with an application they control.
"""

import importlib.util
import sys
from pathlib import Path

FAKE = Path(__file__).with_name("fake_app.py")


class Finder:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == "factory_ls.factory.app":
            return importlib.util.spec_from_file_location(name, FAKE)
        return None


sys.meta_path.insert(0, Finder)
