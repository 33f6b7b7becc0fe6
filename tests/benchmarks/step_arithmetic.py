"""How much a DisRNN training step computes, whoever computes it."""


def disrnn_step_arithmetic(
    batch: int, trials: int, *, inputs: int = 2, latents: int = 5, width: int = 8, depth: int = 4
) -> tuple[float, int]:
    """Operations in matrix products (multiplication and addition apart), and normal draws.

    The update networks are run forward, run again on the way back, and differentiated for weights and for
    what enters; no gradient goes to the draws. The choice network, a few percent of it, and everything
    elementwise are not counted: it is a bound from below.
    """
    sources = inputs + latents
    noise = latents * width * sources
    network = latents * (width * sources + depth * width**2 + 2 * width)
    products = 2 * (network + noise) + 2 * network + noise
    n_trials = batch * trials
    draws = latents * sources + latents + latents
    return 2.0 * products * n_trials, draws * n_trials
