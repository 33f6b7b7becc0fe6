"""Colors that figures in print and on screen share; readers who see few colors can tell them apart."""

# Okabe and Ito's palette without its yellow and black, then a gray and a violet. Two of them are darker here:
# each has a contrast of 3 at least on white paper and on a dark page.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#3D9BD1", "#C98500", "#7F7F7F", "#8C6BB1")
TRAINING, HELD_OUT, REFERENCE = "#0072B2", "#D55E00", "#8a8a8a"  # the last one on black and on white
