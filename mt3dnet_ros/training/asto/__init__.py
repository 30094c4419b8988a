"""Asynchronous spatio-temporal optimisation: tasks that share an encoder, trained with gradients of their own."""
