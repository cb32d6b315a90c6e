import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { prepareBackend } from '../../src/backends/prepare-backend.ts'
import { inMemorySource } from '../../src/data/in-memory-source.ts'
import { searchRun } from '../../src/search/search-run.ts'
import { becomesTrue } from '../support/becomes-true.ts'
import { chromiumPath } from '../support/browser.ts'
import { colourRun, colourSamples } from '../support/colour-run.ts'
import { looking } from '../support/looking.ts'
import { factsOf, train } from '../support/runs.ts'

const page = suite(
  `dashboard: the page's look${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? page.skip : page

const definition = colourRun({
  valData: inMemorySource('all', colourSamples),
  epochs: 20,
  optimizer: { learningRate: 0.02 },
})

async function trainAndSearch(store: string): Promise<void> {
  await train(definition, { store })
  await searchRun(definition, { text: 'red' }, { run: 'colours', store, backend: await prepareBackend('wasm') })
}

test('shows the matrix, the retrievals of the moment with their pictures, and what a search finds', () =>
  looking(
    '#/runs/colours',
    async (opened, store) => {
      const evaluations = factsOf(store, 'colours', 'evaluation.completed')
      const [first, last] = [evaluations[0], evaluations.at(-1)]
      const look = opened.locator('.panel.look')
      await look.locator('small', { hasText: `step ${last?.data.step}` }).waitFor()

      const values = last?.data.similarities?.values ?? []
      assert.is(await look.locator('.similarity-matrix tbody td').count(), 24 * 24)
      const cell = look.locator('.similarity-matrix tbody tr').nth(2).locator('td').nth(1)
      await cell.hover()
      const told = look.locator('.similarity-details b')
      await told
        .and(opened.getByText((values[2]?.[1] ?? 0).toFixed(2).replace('-0.00', '0.00'), { exact: true }))
        .waitFor()
      // Arrow keys go from cell to cell here, and not from event to event.
      await cell.focus()
      await opened.keyboard.press('ArrowRight')
      await opened.keyboard.press('ArrowUp')
      await look.locator('.similarity-matrix tbody tr').nth(1).locator('td[data-shown="true"][aria-label]').waitFor()
      assert.is(await told.textContent(), (values[1]?.[2] ?? 0).toFixed(2).replace('-0.00', '0.00'))
      assert.not.match(opened.url(), 'at=')

      const found = () =>
        look
          .locator('.retrievals')
          .first()
          .locator('li .tile img')
          .evaluateAll(images => images.map(image => image.getAttribute('alt')))
      const wanted = (event: typeof last) => event?.data.samples.flatMap(({ nearest }) => nearest.map(({ key }) => key))
      assert.equal(await found(), wanted(last))
      assert.is(
        await look.locator('.tile[data-right="true"]').count(),
        last?.data.samples.flatMap(({ nearest }) => nearest.filter(({ right }) => right)).length,
      )
      await becomesTrue(opened, "document.querySelector('.look .tile img')?.naturalWidth === 96")

      await look.getByLabel('Text to search for').fill('red')
      await look.locator('.search-found li').nth(5).waitFor()
      const names = await look
        .locator('.search-found li img')
        .evaluateAll(all => all.map(each => each.getAttribute('alt')))
      assert.equal(
        [...names.slice(0, 6)].sort(),
        [0, 1, 2, 3, 4, 5].map(shade => `red-${shade}`),
      )
      await look.locator('.search-found button').first().click()
      await look.getByText(`like ${names[0]}`).waitFor()

      await opened.getByRole('slider', { name: 'Event' }).fill(String(first?.version))
      await look.locator('small', { hasText: `step ${first?.data.step},` }).waitFor()
      assert.equal(await found(), wanted(first))
      assert.not.equal(wanted(first), wanted(last))
      await look.getByText('No checkpoint of this moment is left to search with.').waitFor()
    },
    trainAndSearch,
  ))

test('says what is not there yet', () =>
  looking('#/runs/short', async opened => {
    const look = opened.locator('.panel.look')
    await look.getByText('No evaluation was completed by this moment').waitFor()
    await look.getByText('no validation pictures').waitFor()
    assert.is(await look.getByLabel('Text to search for').isDisabled(), true)
  }))

page.run()
