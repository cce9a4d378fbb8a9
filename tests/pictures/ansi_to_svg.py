#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Draws a terminal's screen, text with SGR escapes on standard input, as SVG on standard output.

ansi_to_svg.py COLUMNS ROWS TITLE
"""
import html
import re
import sys
import unicodedata

CELL_W, CELL_H, PAD = 8.4, 18, 10
FOREGROUND, BACKGROUND = "#d8dee9", "#14181f"
BASIC = ["#2e3440", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#d8dee9"]
BRIGHT = ["#5c6370", "#ff7b86", "#b5e890", "#ffd68a", "#82c4ff", "#e29bf7", "#7fdbe6", "#ffffff"]
TOKEN = re.compile(r"\x1b\[([0-9;:]*)m|\x1b[()][A-Z0-9]|([^\x1b])")


def palette(number):
    if number < 8:
        return BASIC[number]
    if number < 16:
        return BRIGHT[number - 8]
    if number >= 232:
        grey = 8 + 10 * (number - 232)
        return f"#{grey:02x}{grey:02x}{grey:02x}"
    number -= 16
    red, green, blue = (0 if part == 0 else 55 + 40 * part
                        for part in (number // 36, number // 6 % 6, number % 6))
    return f"#{red:02x}{green:02x}{blue:02x}"


class Style:
    def __init__(self):
        self.reset()

    def reset(self):
        self.fg = self.bg = None
        self.bold = self.dim = self.reverse = self.underline = False

    def apply(self, parameters):
        codes = [int(code or 0) for code in re.split("[;:]", parameters or "0")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                self.reset()
            elif code in (1, 2, 4, 7):
                setattr(self, {1: "bold", 2: "dim", 4: "underline", 7: "reverse"}[code], True)
            elif code == 22:
                self.bold = self.dim = False
            elif code in (24, 27):
                setattr(self, {24: "underline", 27: "reverse"}[code], False)
            elif code in (38, 48) and codes[:1] == [5]:
                setattr(self, "fg" if code == 38 else "bg", palette(codes[1]))
                del codes[:2]
            elif code in (39, 49):
                setattr(self, "fg" if code == 39 else "bg", None)
            elif 30 <= code <= 47:
                setattr(self, "fg" if code < 40 else "bg", BASIC[code % 10])
            elif 90 <= code <= 107:
                setattr(self, "fg" if code < 100 else "bg", BRIGHT[code % 10])

    def key(self):
        fg, bg = self.fg or FOREGROUND, self.bg
        if self.reverse:
            fg, bg = bg or BACKGROUND, fg
        return fg, bg, self.bold, self.dim, self.underline


def runs(line, style):
    """The line as (column, width, text, look), neighbours with the same look joined."""
    column, found = 0, []
    for parameters, character in TOKEN.findall(line):
        if not character:
            style.apply(parameters)
            continue
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        look = style.key()
        if found and found[-1][3] == look:
            start, had, text, _ = found[-1]
            found[-1] = (start, had + width, text + character, look)
        else:
            found.append((column, width, character, look))
        column += width
    return found


def main():
    columns, rows, title = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    width, height = columns * CELL_W + 2 * PAD, rows * CELL_H + 2 * PAD
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
           f'viewBox="0 0 {width:.1f} {height:.1f}" role="img">',
           f"<title>{html.escape(title)}</title>",
           f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>',
           '<g font-family="ui-monospace,DejaVu Sans Mono,Menlo,Consolas,monospace" '
           'font-size="14" xml:space="preserve">']
    style = Style()
    for row, line in enumerate(sys.stdin.read().split("\n")[:rows]):
        for column, cells, text, (fg, bg, bold, dim, underline) in runs(line, style):
            x, y = PAD + column * CELL_W, PAD + row * CELL_H
            if bg:
                out.append(f'<rect x="{x:.1f}" y="{y}" width="{cells * CELL_W:.1f}" '
                           f'height="{CELL_H}" fill="{bg}"/>')
            look = (' font-weight="bold"' if bold else "") + (' opacity="0.65"' if dim else "") + \
                   (' text-decoration="underline"' if underline else "")
            # Each phrase where it belongs, since not every viewer keeps to textLength.
            for phrase in re.finditer(r"\S+(?: \S+)*", text):
                found = phrase.group()
                out.append(f'<text x="{x + phrase.start() * CELL_W:.1f}" y="{y + 14}" '
                           f'textLength="{len(found) * CELL_W:.1f}" lengthAdjust="spacingAndGlyphs" '
                           f'fill="{fg}"{look}>{html.escape(found)}</text>')
    out.append("</g></svg>")
    print("\n".join(out))


main()
