"""One file per page. `shared` holds what several pages use, `server` the routes, `components` the browser's parts."""
