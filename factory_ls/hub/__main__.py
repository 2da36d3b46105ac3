"""`python -m factory_ls.hub LOCK LISTENER`: the detached hub, with the descriptors that its starter hands on."""

import os
import socket
import sys

from factory_ls.hub.daemon import run


def main() -> None:
    lock, listener = (int(argument) for argument in sys.argv[1:3])
    for descriptor in (lock, listener):
        os.set_inheritable(descriptor, False)  # no child of the hub may keep the lock when the hub is gone
    os.umask(0o077)
    os.chdir("/")  # hold no folder of whoever started us
    run(os.environ, lock, socket.socket(fileno=listener))


if __name__ == "__main__":
    main()
