// A Plotly chart that stays the same chart while its figures come and go.

const ASK_EVERY = 480; // ms, where the figure has a source

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

const CONFIG = { displaylogo: false, showSendToCloud: false, responsive: true, modeBarButtonsToRemove: ["select2d", "lasso2d"] };

function draw(Plotly, element, figure) {
  const layout = themed(figure.layout, element);
  const wanted = JSON.stringify([figure.data, layout]);
  if (element.drawn === wanted) return; // while a run is watched, most figures come again as they were
  element.drawn = wanted;
  element.drawing = Plotly.react(element, figure.data, layout, CONFIG);
}

/** Draws what the source has by now, and does so again and again for as long as it is the chart's. */
async function follow(Plotly, element, source, ended) {
  const asked = performance.now();
  if (!document.hidden) {
    const answer = await ask(source);
    if (element.source !== source) return;
    if (!element.isConnected || answer === "") element.source = null; // whoever brings it back has it followed anew
    if (answer === "") ended();
    if (!element.source) return;
    if (answer && answer !== element.answer) draw(Plotly, element, JSON.parse(answer));
    element.answer = answer;
  }
  const wait = Math.max(50, ASK_EVERY - (performance.now() - asked));
  element.timer = setTimeout(() => follow(Plotly, element, source, ended), wait);
}

/** The source's figure as text: empty if it has no more, null if the server is gone, of which the page tells. */
async function ask(source) {
  try {
    return await (await fetch(new URL(source, serverRoot()))).text();
  } catch {
    return null;
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  const element = parentElement.querySelector(".cnn-chart");
  if (!element || !data) return undefined;
  element.newest = data.figure; // while the library loads, only the last figure counts
  library(data.library).then((Plotly) => {
    if (!data.figure || element.newest !== data.figure || !element.isConnected) return;
    if (data.source && element.source === data.source) return; // what the source told may be newer
    draw(Plotly, element, data.figure);
    element.source = data.source;
    clearTimeout(element.timer);
    if (data.source) follow(Plotly, element, data.source, () => setTriggerValue("ended", true));
  });
  return () => {
    element.source = element.drawn = null;
    clearTimeout(element.timer);
    element.drawing?.finally(() => window.Plotly.purge(element)); // not in the middle of drawing
  };
}
