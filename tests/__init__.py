"""Tests, in the folders of what they test. browser/ drives a real browser; benchmarks/ and hardening/ are run by
hand."""
