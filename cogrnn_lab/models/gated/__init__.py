"""Networks with one hidden vector: GRU, LSTM, and the plain recurrent network."""
