"""One recipe by default, wherever training is begun."""

import inspect

import jax

import cogrnn_lab as cl


def test_training_begins_with_the_recipe_wherever_it_is_begun():
    recipe = cl.DEFAULT_RECIPE
    warm_up, penalized = cl.warm_up_then_penalized()
    assert (warm_up.steps, warm_up.learning_rate, warm_up.noise) == (recipe.warm_up, recipe.warm_up_rate, 0)
    assert warm_up.penalties == cl.Penalties()
    assert (penalized.steps, penalized.learning_rate) == (recipe.steps, recipe.rate)
    assert (penalized.penalties, penalized.noise) == (recipe.penalties, recipe.noise)
    for begun in (cl.fit, cl.Trainer):
        defaults = inspect.signature(begun).parameters
        assert defaults["batch_size"].default == recipe.batch_size
        assert defaults["max_grad_norm"].default == recipe.max_grad_norm
    sessions = cl.simulate(cl.QLearning(), cl.DriftingBandit(), n_sessions=2, n_trials=3)
    assert cl.Trainer(cl.GRU(2, 2, 2, key=jax.random.key(0)), sessions).learning_rate == recipe.warm_up_rate
