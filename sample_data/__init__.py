"""The sample datasets and the script that draws them: `python -m sample_data.draw`."""
