// A Plotly chart that stays the same chart while its figures come and go.

/** The library, fetched once however many charts wait for it. */
function library(path) {
  window.cnnPlotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(path, serverRoot());
    script.onload = () => resolve(window.Plotly);
    script.onerror = reject;
    document.head.append(script);
  });
  return window.cnnPlotly;
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

const CONFIG = { displaylogo: false, showSendToCloud: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"] };

function draw(Plotly, element, figure) {
  const layout = themed(figure.layout, element);
  const wanted = JSON.stringify([figure.data, layout]);
  if (element.drawn === wanted) return; // pages run again for other reasons, too
  element.drawn = wanted;
  element.drawing = Plotly.react(element, figure.data, layout, CONFIG);
}

export default function ({ data, parentElement }) {
  const element = parentElement.querySelector(".cnn-chart");
  if (!element || !data) return undefined;
  element.newest = data.figure; // while the library loads, only the last figure counts
  library(data.library).then((Plotly) => {
    if (element.newest === data.figure && element.isConnected) draw(Plotly, element, data.figure);
  });
  return () => {
    element.drawn = null;
    element.drawing?.finally(() => window.Plotly.purge(element)); // not in the middle of drawing
  };
}
