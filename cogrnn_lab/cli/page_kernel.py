"""Kernel of the lab's page: Jupyter's own, with an unlimited queue of messages.

It is run as a script and needs Jupyter only. ZeroMQ keeps a thousand messages for a slow reader, and drops
what comes after without a word. The lab opens more comms than that at once: on a busy machine the server then
waits in vain for the end of the cell, and widgets are missing in the browser.
"""

import zmq
from ipykernel.kernelapp import IPKernelApp


class LossLessKernelApp(IPKernelApp):
    """Jupyter's kernel with room for every message that has not been read yet."""

    def init_iopub(self, context: zmq.Context) -> None:
        """Open the channel on which the kernel tells what it does."""
        context.sndhwm = 0  # no limit, for the sockets that are made from now on
        super().init_iopub(context)


if __name__ == "__main__":
    LossLessKernelApp.launch_instance()
