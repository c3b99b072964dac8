"""How far stochastic kets carry averages."""
