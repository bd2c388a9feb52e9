"""Client-side components: each a folder of css and js assets, and a thin Python wrapper beside it."""
