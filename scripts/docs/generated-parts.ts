/**
 * A page of the documentation is written by hand, but for the parts between two marks:
 *
 *     <!-- generated: events -->
 *     …
 *     <!-- end -->
 *
 * What stands there is made from the code, so that it cannot say anything else.
 */
const generatedPart = /(<!-- generated: (.+?) -->\n)([\s\S]*?)(<!-- end -->)/g

/** The names of a page's generated parts, such as `machine trainer`. */
export function partNames(page: string): string[] {
  return [...page.matchAll(generatedPart)].map(([, , name]) => name ?? '')
}

/** The page with every generated part made anew. */
export function fillParts(page: string, make: (name: string) => string): string {
  return page.replace(generatedPart, (_, begin: string, name: string, __, end: string) => {
    return `${begin}\n${make(name)}\n\n${end}`
  })
}
