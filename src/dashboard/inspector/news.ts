/** Wakes those who wait for something new, until there will be nothing new any more. */
export class News {
  #waiting: (() => void)[] = []
  #isOver = false

  get isOver(): boolean {
    return this.#isOver
  }

  wake(): void {
    for (const go of this.#waiting.splice(0)) go()
  }

  end(): void {
    this.#isOver = true
    this.wake()
  }

  /** Resolves with the next news, or after so many milliseconds: `false` then. */
  next(milliseconds: number): Promise<boolean> {
    if (this.#isOver) return Promise.resolve(true)
    return new Promise(resolve => {
      const timer = setTimeout(() => resolve(false), milliseconds)
      this.#waiting.push(() => {
        clearTimeout(timer)
        resolve(true)
      })
    })
  }
}
