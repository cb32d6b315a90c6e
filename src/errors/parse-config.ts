import type * as z from 'zod'

/**
 * A configuration with every default filled in, where it is right.
 *
 * @param wrong makes the error that is thrown where it is not, from a list of what is wrong
 */
export function parseConfig<Config>(
  schema: z.ZodType<Config>,
  input: unknown,
  wrong: (problems: string) => Error,
): Config {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`)
  throw wrong(problems.join('; '))
}
