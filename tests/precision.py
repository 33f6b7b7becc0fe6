"""`jax.enable_x64`, which older versions of JAX have in another place."""

try:
    from jax import enable_x64 as enable_x64
except ImportError:
    from jax.experimental import enable_x64 as enable_x64
