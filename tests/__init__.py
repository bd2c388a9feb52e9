"""Tests; the folders mirror those of cnn/ and pages/.

browser/ drives a real browser; benchmarks/ and hardening/ are run by hand.
"""
