import type { Parameter } from './parameter.ts'

/**
 * Whether a parameter is meant by a pattern: the parameter of that name, and all those below it (`image` means
 * `image.stem.kernel` and not `imageProjection.kernel`). A `*` stands for anything, dots included.
 *
 * @example
 * matchesPattern('image.stage*.block0', 'image.stage1.block0.first.kernel') // true
 * matchesPattern('*.bias', 'text.hidden0.bias') // true
 */
export function matchesPattern(pattern: string, { name }: Pick<Parameter, 'name'>): boolean {
  const [first = '', ...rest] = pattern.split('*').map(part => part.replaceAll(/[\\^$.|?+()[\]{}]/g, '\\$&'))
  return new RegExp(`^${[first, ...rest].join('.*')}(\\..*)?$`, 's').test(name)
}
