/** Where the app lives: the page's address without the name of the page. */
function serverRoot() {
  const address = new URL(window.location.href);
  return new URL(address.pathname.replace(/[^/]*$/, ""), address.origin);
}
