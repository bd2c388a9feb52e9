"""One file per page; what several pages use is in `shared`, routes are in `server`, browser parts in `components`."""
