// Each chart's picture stays until Vega has drawn the chart in its place, and where it cannot.
for (const chart of document.querySelectorAll('.chart')) {
  const spec = JSON.parse(chart.querySelector('script').textContent);
  const picture = chart.querySelector('div');
  const drawn = document.createElement('div');
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  chart.append(drawn);
  vegaEmbed(drawn, spec, {renderer: 'svg', actions: false, logLevel: 1, tooltip: {theme: dark ? 'dark' : undefined},
    ...(dark ? {theme: 'dark', config: {background: 'transparent'}} : {})})
    .then(() => { picture.remove(); chart.classList.add('drawn'); })
    .catch(error => { drawn.remove(); chart.title = 'not drawn: ' + error.message; });
}
