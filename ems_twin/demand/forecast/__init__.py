"""Forecasts of demand: how many calls are to come, where and when, and how good such forecasts were."""
