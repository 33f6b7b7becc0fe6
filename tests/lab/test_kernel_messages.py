"""A kernel keeps what a slow front end has not read, however much it is."""

import pytest
import zmq
from jupyter_client.manager import KernelManager

from cogrnn_lab.lab.page.kernel_messages import keep_every_message

MESSAGES = 6000
KEEP = "from cogrnn_lab.lab.page.kernel_messages import keep_every_message\nassert keep_every_message()"
SENT_AT_ONCE = f"""
from IPython.display import publish_display_data
for number in range({MESSAGES}):
    publish_display_data({{"text/plain": "x" * 4000}})
"""


def test_outside_a_kernel_there_is_nothing_to_do():
    assert keep_every_message() is False


@pytest.mark.timeout(300)
def test_nothing_is_lost_for_a_front_end_that_reads_late():
    manager = KernelManager()
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    late = zmq.Context.instance().socket(zmq.SUB)  # that keeps next to nothing itself
    late.setsockopt(zmq.RCVHWM, 1)
    late.setsockopt(zmq.SUBSCRIBE, b"")
    try:
        client.wait_for_ready(timeout=120)
        late.connect(f"tcp://127.0.0.1:{manager.get_connection_info()['iopub_port']}")
        for cell in ("1", KEEP, SENT_AT_ONCE):  # the first: it has been heard once before much is sent
            assert client.execute(cell, reply=True, timeout=120)["content"]["status"] == "ok"
            assert late.poll(20_000)
        shown = 0
        while shown < MESSAGES and late.poll(20_000):
            shown += any(b"display_data" in part for part in late.recv_multipart()[:4])
    finally:
        late.close(linger=0)
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
    assert shown == MESSAGES
