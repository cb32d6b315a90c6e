import { renderAsync } from '@resvg/resvg-js'
import { fontFamily, fontFiles } from './font.ts'

/** `text` as it is written inside an SVG element or a quoted attribute; characters that XML cannot hold are left out. */
export function escapeXml(text: string): string {
  return (
    text
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 forbids.
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
  )
}

/** Renders an SVG to a PNG `zoom` times its size, with the library's own font and no other. */
export async function svgToPng(svg: string, zoom: number): Promise<Buffer> {
  const rendered = await renderAsync(svg, {
    fitTo: { mode: 'zoom', value: zoom },
    font: { loadSystemFonts: false, fontFiles: Object.values(fontFiles), defaultFontFamily: fontFamily },
  })
  return rendered.asPng()
}
