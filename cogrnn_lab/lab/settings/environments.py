"""Environments with blocks as the lab offers them: few numbers, each with a control."""

from cogrnn_lab.tasks import BlockBandit, UncoupledBandit


def reversals(
    high: float = 0.8,
    low: float = 0.2,
    shortest_block: int = 20,
    longest_block: int = 40,
    baited: bool = False,
) -> BlockBandit:
    """Two arms whose reward probabilities change places after every block."""
    lengths = (shortest_block, longest_block)
    return BlockBandit(((high, low), (low, high)), block_length=lengths, order="cyclic", baited=baited)


def uncoupled_blocks(
    low: float = 0.1,
    middle: float = 0.5,
    high: float = 0.9,
    shortest_block: int = 20,
    longest_block: int = 40,
    baited: bool = False,
) -> UncoupledBandit:
    """Two arms, each with blocks of its own."""
    return UncoupledBandit((low, middle, high), block_length=(shortest_block, longest_block), baited=baited)
