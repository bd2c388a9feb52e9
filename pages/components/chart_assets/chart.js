// A Plotly chart that stays the same chart while its figures come and go.

/** The library, fetched once however many charts wait for it. */
function library(path) {
  window.cnnPlotly ??= load(new URL(path, serverRoot()));
  return window.cnnPlotly;
}

async function load(url) {
  // Static files come as plain text, which a script's address must not be.
  const code = await (await fetch(url)).text();
  const script = document.createElement("script");
  script.textContent = code;
  document.head.append(script);
  return window.Plotly;
}

/** Where the app lives: the page's address without the name of the page. */
function serverRoot() {
  const address = new URL(window.location.href);
  return new URL(address.pathname.replace(/[^/]*$/, ""), address.origin);
}

/** Text, lines and background as the page has them, in light and dark. */
function themed(layout, element) {
  const style = getComputedStyle(element);
  const color = (name) => style.getPropertyValue(name).trim();
  const axis = { gridcolor: color("--st-border-color"), linecolor: color("--st-border-color"), tickfont: { size: 13 } };
  return {
    ...layout,
    autosize: true,
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: color("--st-font"), color: color("--st-text-color"), size: 13 },
    hoverlabel: { ...layout.hoverlabel, bgcolor: color("--st-secondary-background-color"), font: { color: color("--st-text-color") } },
    xaxis: { ...axis, ...layout.xaxis },
    yaxis: { ...axis, ...layout.yaxis },
  };
}

const CONFIG = { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"] };

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector(".cnn-chart");
  if (!element || !data) return undefined;
  element.newest = data.figure; // while the library loads, only the last figure counts
  library(data.library).then((Plotly) => {
    if (!data.figure || element.newest !== data.figure || !element.isConnected) return;
    const layout = themed(data.figure.layout, element);
    const wanted = JSON.stringify([data.figure.data, layout]);
    if (element.drawn === wanted) return; // while a run is watched, most figures come again as they were
    element.drawn = wanted;
    element.drawing = Plotly.react(element, data.figure.data, layout, CONFIG);
  });
  return () => {
    element.drawn = null;
    element.drawing?.finally(() => window.Plotly.purge(element)); // not in the middle of drawing
  };
}
