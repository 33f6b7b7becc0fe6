"""The kernel's queue of messages to the page, which a lab would overflow."""

from typing import Any


def keep_every_message() -> bool:
    """Have this kernel keep all messages that the front end has not read yet; True where it does.

    ZeroMQ keeps a thousand messages for a slow reader, and drops what comes after without a word. A lab
    opens more widgets than that at once: on a busy machine some would be missing in the browser, or the
    server would wait in vain for the end of the cell. Outside a Jupyter kernel nothing is done.
    """
    thread = _sender()
    if thread is None:
        return False
    import zmq  # it is there where a kernel is

    # In the order of what is sent, and in the thread that sends: a socket belongs to one.
    thread.schedule(lambda: thread.socket.setsockopt(zmq.SNDHWM, 0))
    return True


def _sender() -> Any:
    """The kernel's thread that sends to the front end; None where there is no such kernel."""
    try:
        from IPython.core.getipython import get_ipython
    except ImportError:
        return None
    thread = getattr(getattr(get_ipython(), "kernel", None), "iopub_thread", None)
    return thread if hasattr(thread, "schedule") and hasattr(thread, "socket") else None
