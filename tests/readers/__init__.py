"""Sources for tests of the engine and the sandbox; each stands for one way to behave."""
