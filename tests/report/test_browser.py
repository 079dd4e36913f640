"""The page in a real browser: nothing sticks out, light is light and dark is dark."""

import json
import re
import shutil
import subprocess

import pytest

from itertl_eval.report import collect, render
from tests.report.inputs import row, rows_of, write_lines, write_run
from tests.report.test_page import STAGES

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
PROBE = """
<script>
addEventListener("load", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  const look = getComputedStyle(document.body);
  const found = {inside: innerWidth, wide: document.documentElement.scrollWidth,
                 paper: look.backgroundColor, ink: look.color, errors: window.failed || 0};
  document.title = JSON.stringify(found);
});
</script>
"""
EARLY = "<script>addEventListener('error', () => window.failed = (window.failed || 0) + 1)</script>"


def brightness(color):
    red, green, blue = (int(part) for part in re.findall(r"\d+", color)[:3])
    return (299 * red + 587 * green + 114 * blue) / 1000


def loaded(page, *options):
    """Open a page in the browser; return what its probe has put into the title."""
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--dump-dom",
            "--virtual-time-budget=3000",
            f"--user-data-dir={page.parent / 'profile'}",
            *options,
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return json.loads(re.search(r"<title>(.*?)</title>", done.stdout)[1])


@pytest.mark.parametrize("width", [1400, 500])  # Chromium makes no window narrower than 500
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_it_fits_and_can_be_read(width, scheme, tmp_path):
    paths = [write_lines(tmp_path / "v.jsonl", rows_of(STAGES)), write_run(tmp_path / "run")]
    text = render(collect(paths))
    # The page's own policy would refuse this test's scripts.
    text = re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", EARLY, text)
    assert EARLY in text
    page = tmp_path / "page.html"
    page.write_text(text.replace("</body>", f"{PROBE}</body>"))
    found = loaded(
        page,
        f"--window-size={width},900",
        f"--blink-settings=preferredColorScheme={['dark', 'light'].index(scheme)}",
    )
    assert abs(found["inside"] - width) < 50
    assert found["wide"] <= found["inside"]
    assert found["errors"] == 0
    paper, ink = brightness(found["paper"]), brightness(found["ink"])
    assert (paper < 80 < 150 < ink) if scheme == "dark" else (ink < 80 < 200 < paper)


OPEN_CODE = """
<script>
addEventListener("load", () => {
  const line = document.querySelector("pre > mark"), box = line.parentElement;
  for (let at = box; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
  setTimeout(() => {
    const inside = line.getBoundingClientRect(), frame = box.getBoundingClientRect();
    document.title = JSON.stringify({
      line: line.textContent, above: inside.top - frame.top, below: frame.bottom - inside.bottom,
      scrolls: box.scrollHeight > box.clientHeight, from: box.scrollTop,
    });
  }, 500);
});
</script>
"""


@pytest.mark.parametrize("line", [3, 150, 299])
def test_a_code_box_opens_at_the_line_that_the_message_names(line, tmp_path):
    code = "".join(f"// this is line {number}\n" for number in range(1, 301))
    rows = [row("fifo", 0, "syntax", code=code, message=f"line {line}: syntax error")]
    text = render(collect([write_lines(tmp_path / "v.jsonl", rows)]))
    text = re.sub(r"<meta[^>]*Content-Security-Policy[^>]*>", "", text)
    page = tmp_path / "page.html"
    page.write_text(text.replace("</body>", f"{OPEN_CODE}</body>"))
    found = loaded(page, "--window-size=1000,900")
    assert found["line"].split() == ["//", "this", "is", "line", str(line)]
    assert found["scrolls"]
    assert found["above"] >= 0
    assert found["below"] >= 0
    assert (found["from"] > 0) == (line > 10)
