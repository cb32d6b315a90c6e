/**
 * The eigenvalues of a symmetric matrix in rising order, in about dimension³ operations: Householder reflections bring it
 * to tridiagonal form (Golub and Van Loan, Matrix Computations, 8.3), whose eigenvalues are found by bisection, since the
 * pivots of T - xI say how many of them lie below x (Sylvester's law of inertia).
 *
 * @param matrix `dimension` × `dimension` finite numbers
 */
export function symmetricEigenvalues(matrix: Float64Array, dimension: number): Float64Array {
  const { diagonal, beside } = tridiagonalize(Float64Array.from(matrix), dimension)
  // Gershgorin: all eigenvalues lie within a row's off-diagonal sum of its diagonal number.
  const reach = Math.max(
    0,
    ...diagonal.map((value, row) => Math.abs(value) + Math.abs(beside[row - 1] ?? 0) + Math.abs(beside[row] ?? 0)),
  )
  return Float64Array.from({ length: dimension }, (_, index) => bisect(diagonal, beside, index, reach))
}

/** Overwrites `matrix`. */
function tridiagonalize(matrix: Float64Array, dimension: number): { diagonal: Float64Array; beside: Float64Array } {
  const at = (row: number, column: number) => matrix[row * dimension + column] as number
  const beside = new Float64Array(Math.max(0, dimension - 1))
  const reflector = new Float64Array(dimension)
  const product = new Float64Array(dimension)
  for (let step = 0; step < dimension - 1; step++) {
    let squares = 0
    for (let row = step + 1; row < dimension; row++) squares += at(row, step) ** 2
    const length = Math.sqrt(squares)
    const head = at(step + 1, step)
    // The sign that adds to the head, so that nothing cancels.
    const target = head > 0 ? -length : length
    beside[step] = target
    // Half the squared length of the reflector; 0 where the column is 0 already.
    const half = squares - head * target
    if (half === 0) continue
    for (let row = step + 1; row < dimension; row++) reflector[row] = at(row, step)
    reflector[step + 1] = head - target
    let along = 0
    for (let row = step + 1; row < dimension; row++) {
      let sum = 0
      for (let column = step + 1; column < dimension; column++) sum += at(row, column) * (reflector[column] as number)
      product[row] = sum / half
      along += (product[row] as number) * (reflector[row] as number)
    }
    const share = along / (2 * half)
    for (let row = step + 1; row < dimension; row++)
      product[row] = (product[row] as number) - share * (reflector[row] as number)
    for (let row = step + 1; row < dimension; row++) {
      const [v, w] = [reflector[row] as number, product[row] as number]
      for (let column = step + 1; column < dimension; column++) {
        const place = row * dimension + column
        matrix[place] = (matrix[place] as number) - v * (product[column] as number) - w * (reflector[column] as number)
      }
    }
  }
  return { diagonal: Float64Array.from({ length: dimension }, (_, row) => at(row, row)), beside }
}

/** The eigenvalue that has `index` others below it, to the resolution of a double at the matrix's size. */
function bisect(diagonal: Float64Array, beside: Float64Array, index: number, reach: number): number {
  let [low, high] = [-reach, reach]
  while (high - low > Number.EPSILON * reach) {
    const middle = (low + high) / 2
    if (middle <= low || middle >= high) break
    if (countBelow(diagonal, beside, middle) > index) high = middle
    else low = middle
  }
  return (low + high) / 2
}

function countBelow(diagonal: Float64Array, beside: Float64Array, x: number): number {
  let count = 0
  let pivot = 1
  for (let row = 0; row < diagonal.length; row++) {
    const coupling = row === 0 ? 0 : (beside[row - 1] as number) ** 2 / pivot
    pivot = (diagonal[row] as number) - x - coupling
    if (pivot === 0) pivot = -Number.MIN_VALUE
    if (pivot < 0) count++
  }
  return count
}
