/** The colours, for light and for dark. Pictures have a ground of their own, so they can be read on any page. */
const STYLE = `
  .ground { fill: #ffffff; stroke: #d0d7de }
  .box { fill: #f6f8fa; stroke: #8c959f }
  .area { fill: none; stroke: #8c959f; stroke-dasharray: 5 4 }
  .line { fill: none; stroke: #57606a; stroke-width: 1.5 }
  .grid { stroke: #d8dee4 }
  .head { fill: #57606a }
  text { fill: #1f2328; font: 14px system-ui, 'Segoe UI', sans-serif }
  .small { font-size: 12px; fill: #57606a }
  .strong { font-weight: 600 }
  .curve { fill: none; stroke-width: 2.5 }
  .dashed { stroke-dasharray: 6 5 }
  .a { stroke: #0969da } .b { stroke: #1a7f37 } .c { stroke: #9a6700 } .d { stroke: #cf222e } .e { stroke: #8250df }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #30363d }
    .box { fill: #161b22; stroke: #6e7681 }
    .area { stroke: #6e7681 }
    .line { stroke: #9198a1 }
    .grid { stroke: #21262d }
    .head { fill: #9198a1 }
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .a { stroke: #4493f8 } .b { stroke: #3fb950 } .c { stroke: #d29922 } .d { stroke: #f85149 } .e { stroke: #ab7df8 }
  }`;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** A picture with its title and description, for readers who do not see it. */
export const picture = (
  width,
  height,
  { title, description },
  parts,
) => `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">
  <title id="title">${escaped(title)}</title>
  <desc id="description">${escaped(description)}</desc>
  <style>${STYLE}
  </style>
  <defs>
    <marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto-start-reverse">
      <path class="head" d="M0 0 10 5 0 10z" />
    </marker>
  </defs>
  <rect class="ground" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="10" />
${parts.map((part) => `  ${part}`).join('\n')}
</svg>
`;

/** @param {{ kind?: string; anchor?: 'start' | 'middle' | 'end' }} how */
export const label = (x, y, text, { kind = '', anchor = 'middle' } = {}) =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}"${kind && ` class="${kind}"`}>${escaped(text)}</text>`;

/** A box with a name, and a smaller line below it. */
export const box = (x, y, width, height, name, note) => [
  `<rect class="box" x="${x}" y="${y}" width="${width}" height="${height}" rx="8" />`,
  label(x + width / 2, y + height / 2 + (note ? -3 : 5), name, { kind: 'strong' }),
  ...(note ? [label(x + width / 2, y + height / 2 + 16, note, { kind: 'small' })] : []),
];

/** An arrow along a path; `both` for one with two heads. */
export const arrow = (path, { both = false, dashed = false } = {}) =>
  `<path class="line${dashed ? ' dashed' : ''}" d="${path}" marker-end="url(#head)"${both ? ' marker-start="url(#head)"' : ''} />`;
