"""How the simulated tenant answers: one module per host, in the shapes of the real services."""
