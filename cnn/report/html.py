"""A report as one HTML file that needs nothing else, for the screen and for paper."""

import base64

from jinja2 import Environment
from markupsafe import Markup

from cnn.percent import with_minus
from cnn.report.document import NO_ANSWER, Document
from cnn.report.written import as_html

STYLE = """
:root { color-scheme: light; --quiet: #5b6673; --line: #d8dee6; --accent: #2166ac; }
body { font: 16px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; color: #1e2329;
  background: #fff; max-width: 46rem; margin: 0 auto; padding: 2rem 1.25rem 4rem; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.02rem; margin: 1.4rem 0 .3rem; }
.quiet, figcaption small, .task { color: var(--quiet); }
.task { font-size: .92rem; }
:is(.task, .answer, .comment) > :first-child { margin-top: 0; }
:is(.answer, .comment) > :last-child { margin-bottom: 0; }
.answer { border-left: 3px solid var(--accent); padding: .1rem 0 .1rem .9rem; margin: .4rem 0 1.2rem; }
.answer.none { border-color: var(--line); color: var(--quiet); font-style: italic; }
.comment { background: #fff6dd; padding: .6rem .9rem; border-radius: .4rem; margin: .4rem 0 1.2rem; }
.unfinished { background: #fff6dd; border-left: 3px solid #c77700; padding: .4rem .9rem; }
.points { float: right; font-weight: 600; }
figure { margin: 1.2rem 0; break-inside: avoid; }
figure img { max-width: 100%; max-height: 34rem; border: 1px solid var(--line); border-radius: .3rem; }
figcaption { font-size: .92rem; margin-top: .3rem; }
table { border-collapse: collapse; font-size: .9rem; margin: .8rem 0; }
th, td { text-align: left; padding: .22rem .8rem .22rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
:is(.answer, .comment, figcaption) :is(h1, h2, h3, h4, h5, h6) { font-size: 1rem; margin: .8rem 0 .2rem; padding: 0;
  border: 0; }
.answer :is(th, td) { min-width: 6rem; }
.answer table, figure table { display: block; overflow-x: auto; overflow-wrap: normal; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
pre { overflow-x: auto; background: #f4f6f8; padding: .6rem .8rem; border-radius: .3rem; }
code { font-size: .9em; }
.columns { display: flex; flex-wrap: wrap; align-items: start; gap: 0 3rem; }
@media print {
  @page { size: A4; margin: 18mm 16mm; }
  body { font-size: 10.5pt; max-width: none; padding: 0; }
  h2, h3 { break-after: avoid; }
  a { color: inherit; text-decoration: none; }
}
"""

PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{{ document.title }}</title>
<style>{{ style }}</style>
</head>
<body>
<h1>{{ document.title }}</h1>
<p class="quiet">{{ document.names }}{{ " · " if document.names }}{{ document.date }}</p>
{% if document.unfinished %}<p class="unfinished">{{ document.unfinished }}</p>{% endif %}
{% if marks %}<p><strong>{{ marks.total }}</strong></p>
{% if marks.comment %}<div class="comment">{{ marks.comment | markdown }}</div>{% endif %}{% endif %}
{% for section in document.sections %}
<h2>{{ section.title }}</h2>
{% if section.text %}<div class="task">{{ section.text | task }}</div>{% endif %}
{% for one in section.answers %}
{% set mark = marks.of(one.question.id) if marks else None %}
<h3>{% if mark %}<span class="points">{{ marks.points_of(one.question.id) }}</span>{% endif %}
{{ one.question.title }}</h3>
{% if one.question.text %}<div class="task">{{ one.question.text | task }}</div>{% endif %}
{% if one.answer %}<div class="answer">{{ one.answer | markdown }}</div>
{% else %}<div class="answer none">{{ no_answer }}</div>{% endif %}
{% if mark and mark.comment %}<div class="comment">{{ mark.comment | markdown }}</div>{% endif %}
{% endfor %}
{% for piece in section.evidence %}
<figure>
{% if piece.picture %}<img src="{{ piece.picture | picture }}" alt="{{ piece.title }}">{% endif %}
{% if piece.numbers.columns %}<table><tr>{% for name in piece.numbers.columns %}<th>{{ name }}</th>{% endfor %}</tr>
{% for row in piece.numbers.rows[:40] %}<tr>{% for cell in row %}<td>{{ cell | cell }}</td>{% endfor %}</tr>{% endfor %}
</table>{% endif %}
<figcaption>{% if piece.caption %}{{ piece.caption | markdown }}{% endif %}<small>{{ piece.title }}
{%- if piece.run_name %} · {{ piece.run_name }}{% endif %}</small></figcaption>
</figure>
{% endfor %}
{% endfor %}
{% if document.run %}
<h2>The network</h2>
<p>{{ document.run.summary }}.</p>
{% if document.run.accuracy %}<p>{{ document.run.accuracy }}</p>{% endif %}
{% for caption, svg in document.run.pictures %}
<figure><img src="{{ svg | picture }}" alt="{{ caption }}"><figcaption>{{ caption }}</figcaption></figure>
{% endfor %}
{% for one in document.run.new_images %}
<h3>New images: {{ one.name }}</h3>
<p>{{ one.accuracy }}</p>
<figure><img src="{{ one.picture | picture }}" alt="New images: {{ one.name }}"><figcaption>The true class, then the
network's answer and its probability.</figcaption></figure>
{% endfor %}
<div class="columns">
<table><tr><th>layer</th><th>output</th><th class="number">parameters</th></tr>
{% for name, shape, parameters in document.run.layers %}
<tr><td>{{ name }}</td><td>{{ shape }}</td><td class="number">{{ parameters }}</td></tr>
{% endfor %}
<tr><th>all</th><th></th><th class="number">{{ document.run.parameters }}</th></tr></table>
{% if document.run.settings %}<table><tr><th>setting</th><th>value</th></tr>
{% for label, value in document.run.settings %}<tr><td>{{ label }}</td><td>{{ value }}</td></tr>{% endfor %}
</table>{% endif %}
</div>
{% endif %}
</body>
</html>
"""


def picture_address(svg: str) -> str:
    """An SVG text as a data URL for <img>, where no script in it can run."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def cell_text(value: str | float | None) -> str:
    """A cell of a table of numbers: numbers below 1,000 with four digits, larger ones without decimals."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return with_minus(f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}")


_environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_environment.filters |= {
    "markdown": lambda text: Markup(as_html(text)),
    "task": lambda text: Markup(as_html(text, is_students=False)),
    "picture": picture_address,
    "cell": cell_text,
}
_page = _environment.from_string(PAGE)


def html_of(document: Document, marks: object = None) -> bytes:
    """The content of an .html file. marks: of a teacher (`cnn.report.marking.Marked`), shown beside the answers."""
    return _page.render(document=document, marks=marks, style=Markup(STYLE), no_answer=NO_ANSWER).encode()
