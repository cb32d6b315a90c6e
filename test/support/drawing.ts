import sharp from 'sharp'

/** The texts of an SVG, in the order in which they stand in it. */
export function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => (text ?? '').replaceAll('&gt;', '>'))
}

/** A line of a drawn chart. */
export interface DrawnLine {
  readonly width: number
  readonly opacity: number
  readonly dashed: boolean
  /** The points of each unbroken stretch. */
  readonly stretches: readonly number[]
}

/** The lines of a colour that an SVG draws between its axes. */
export function linesOf(svg: string, colour: string): DrawnLine[] {
  const inside = [...svg.matchAll(/<g clip-path="[^"]*">(.*?)<\/g>/gs)].map(([, content]) => content ?? '').join('')
  return [...inside.matchAll(/<path d="([^"]*)"([^>]*)>/g)]
    .filter(([, , style]) => style?.includes(`stroke="${colour}"`))
    .map(([, d = '', style = '']) => ({
      width: Number(/stroke-width="([\d.]+)"/.exec(style)?.[1] ?? 1),
      opacity: Number(/stroke-opacity="([\d.]+)"/.exec(style)?.[1] ?? 1),
      dashed: style.includes('stroke-dasharray'),
      stretches: (d.match(/M[^M]*/g) ?? []).map(stretch => stretch.match(/[ML]/g)?.length ?? 0),
    }))
}

/** How many points of a colour have a mark. */
export function marksOf(svg: string, colour: string): number {
  const inside = [...svg.matchAll(/<(?:path|circle|ellipse)[^>]*>/g)].map(([tag]) => tag)
  return inside.filter(tag => tag.includes(`fill="${colour}"`) && !tag.includes('opacity="0"')).length
}

/** How many pixels of a picture are of a colour, within a little. */
export async function pixelsOf(png: Buffer, [red, green, blue]: readonly [number, number, number]): Promise<number> {
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true })
  let count = 0
  for (let at = 0; at < info.width * info.height * 3; at += 3) {
    const [r = 0, g = 0, b = 0] = data.subarray(at, at + 3)
    if (Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 12) count++
  }
  return count
}
