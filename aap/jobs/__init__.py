"""What the worker runs: delivery of promises, and work that the hour asks for."""
