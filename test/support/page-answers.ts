import type { Page, Response } from 'playwright-core'

export interface PageAnswer {
  readonly address: string
  readonly body: string
}

/** What a page is answered at some addresses, from now on. It is to be stopped before the page is closed. */
export class PageAnswers {
  readonly #page: Page
  readonly #addresses: RegExp
  readonly #answers: Promise<PageAnswer>[] = []

  constructor(page: Page, addresses: RegExp) {
    this.#page = page
    this.#addresses = addresses
    page.on('response', this.#listen)
  }

  /** What came since it was taken last. */
  take(): Promise<PageAnswer[]> {
    return Promise.all(this.#answers.splice(0))
  }

  /** Listens no more; a body that is on its way is read to its end. */
  async stop(): Promise<void> {
    this.#page.off('response', this.#listen)
    await this.take()
  }

  readonly #listen = (response: Response): void => {
    const address = response.url()
    if (this.#addresses.test(address)) this.#answers.push(response.text().then(body => ({ address, body })))
  }
}
