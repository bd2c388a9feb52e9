"""Tests: they mirror cnn/; browser/ drives a real browser, benchmarks/ and hardening/ are run by hand."""
