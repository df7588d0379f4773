"""A stand-alone Python Deployment that binds nothing: python relay.py PORT.

Under docarray before 0.30 its endpoint discovery fails, and a gateway must use it all the same.
"""

import sys

from jina import Deployment, Executor


class Relay(Executor):
    """Passes documents on; they go through Python's messages on the way."""


if __name__ == "__main__":
    with Deployment(uses=Relay, port=int(sys.argv[1]), host="127.0.0.1", timeout_ready=60_000) as deployment:
        print("ready", flush=True)
        deployment.block()
