import type { Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { formatValue } from '../../src/dashboard/page/parts/format.ts'
import { Journal } from '../../src/journal/journal.ts'
import { Store } from '../../src/storage/store.ts'
import { becomesTrue } from '../support/becomes-true.ts'
import { chromiumPath } from '../support/browser.ts'
import { colourRun } from '../support/colour-run.ts'
import { stepCompleted } from '../support/facts.ts'
import { looking } from '../support/looking.ts'
import { factsOf, train } from '../support/runs.ts'
import { gradientsObserved } from '../support/training-facts.ts'

const page = suite(
  `dashboard: the page's layers${chromiumPath === undefined ? ' (skipped: no Chromium; name one in CHROMIUM_PATH)' : ''}`,
)
const test = chromiumPath === undefined ? page.skip : page

const definition = colourRun({ epochs: 10, observe: { gradients: { steps: 2 }, parameters: { steps: 5 } } })

async function trainColours(store: string): Promise<void> {
  await train(definition, { store })
}

/** The addresses that the page asks for layers at, from now on. */
function askedFor(opened: Page): string[] {
  const asked: string[] = []
  opened.on('request', request => {
    if (request.url().includes('/layers')) asked.push(request.url())
  })
  return asked
}

const slider = (opened: Page) => opened.locator('.heat-map')

/** Resolves when the heat map is of a layer and ends with a step. */
function drawn(opened: Page, layer: string, lastStep: number): Promise<void> {
  return opened.locator(`.heat-map[aria-label$=" of ${layer}"][aria-valuemax="${lastStep}"]`).waitFor()
}

test('shows every layer over the steps of a trained run, and of one what was observed in the step that is pointed at', () =>
  looking(
    '#/runs/colours',
    async (opened, store) => {
      const observed = factsOf(store, 'colours', 'gradients.observed')
      const last = observed.at(-1)
      const panel = opened.locator('.panel.layers')
      await opened.locator('.layers-place').scrollIntoViewIfNeeded()
      const layers = last?.data.layers ?? []
      const chosen = layers[0]?.layer ?? ''
      await drawn(opened, chosen, 40)
      // What is told below is framed above.
      await becomesTrue(opened, "document.querySelector('.heat-map-frame').clientWidth > 4")
      const shownNorms = () => panel.locator('.layer-row .number').allTextContents()
      const normsOf = (event: typeof last) => event?.data.layers.map(({ norm }) => formatValue(norm)).sort()
      assert.equal((await shownNorms()).sort(), normsOf(last))

      const layer = layers[3]?.layer ?? ''
      await panel.getByLabel('Layer', { exact: true }).selectOption(layer)
      await drawn(opened, layer, 40)
      const told = (name: string) => panel.locator(`[data-fact="${name}"] dd`).textContent()
      const tells = async (event: typeof last) => {
        const seen = event?.data.layers[3]
        await panel.getByText(`step ${event?.data.step}`, { exact: true }).waitFor()
        for (const name of ['minimum', 'mean', 'maximum', 'norm'] as const) {
          assert.is(await told(name), formatValue(seen?.[name] ?? Number.NaN), name)
        }
        assert.is(await told('not finite'), 'none')
        assert.is(await panel.locator('.column-histogram rect').count(), seen?.histogram.length)
        const [most] = [...(seen?.histogram ?? [])].sort((one, other) => other - one)
        assert.is(
          await panel.locator('.column-histogram rect[height="100"]').first().locator('title').textContent(),
          String(most),
        )
      }
      await tells(last)
      // Arrow keys go from step to step here, and not from event to event.
      await slider(opened).focus()
      await opened.keyboard.press('ArrowLeft')
      await tells(observed.at(-2))
      assert.not.match(opened.url(), 'at=')
      // Pointed at is the middle of the chart's left quarter, beyond the labels of its axis.
      const box = await panel.locator('.heat-map .canvas').boundingBox()
      await opened.mouse.move((box?.x ?? 0) + 0.2 * (box?.width ?? 0), (box?.y ?? 0) + 100)
      await becomesTrue(opened, "Number(document.querySelector('.heat-map').ariaValueNow) < 12")
      const step = Number(await slider(opened).getAttribute('aria-valuenow'))
      await tells(observed.find(({ data }) => data.step === step))
      // Another chart says it as well.
      await opened.locator('.chart .canvas').last().hover()
      await becomesTrue(opened, "Math.abs(Number(document.querySelector('.heat-map').ariaValueNow) - 20) <= 6")

      await panel.getByRole('button', { name: 'Layer after' }).click()
      await drawn(opened, layers[4]?.layer ?? '', 40)
      await panel.locator(`[data-layer="${layer}"]`).click()
      await drawn(opened, layer, 40)
      await panel.getByLabel('What was observed').selectOption('parameters')
      await panel.getByText(`parameters, linear scale`).waitFor()
    },
    trainColours,
  ))

for (const width of [1280, 900, 390]) {
  test(`takes as much room before it is drawn as after it, on a page ${width} pixels wide`, () =>
    looking(
      '#/',
      async opened => {
        await opened.setViewportSize({ width, height: 700 })
        await opened.getByRole('link', { name: 'colours' }).click()
        const place = opened.locator('.layers-place')
        const height = async () => Math.round((await place.boundingBox())?.height ?? 0)
        await place.locator('.layers-waiting').waitFor()
        const before = await height()
        await place.scrollIntoViewIfNeeded()
        await opened.locator('.heat-map').waitFor()
        assert.is(await height(), before)
      },
      trainColours,
    ))
}

test('goes with the moment, and asks for nothing while it is out of sight', () =>
  looking(
    '#/',
    async (opened, store) => {
      const asked = askedFor(opened)
      await opened.getByRole('link', { name: 'colours' }).click()
      const observed = factsOf(store, 'colours', 'gradients.observed')
      const [first, later] = [observed[0], observed[7]]
      const panel = opened.locator('.panel.layers')
      const moment = opened.getByRole('slider', { name: 'Event' })
      const goTo = async (version: number) => {
        await moment.fill(String(version))
        await opened.locator('.time-told', { hasText: `event ${version} ` }).waitFor()
        await opened.locator('.time-told code', { hasText: typeOf(version) ?? '' }).waitFor()
      }
      const typeOf = (version: number) => factsOf(store, 'colours')[version - 1]?.type
      await opened.locator('.chart canvas').first().waitFor()
      await goTo((first?.version ?? 0) - 1)
      assert.equal(asked, [])

      await opened.locator('.layers-place').scrollIntoViewIfNeeded()
      await panel.getByText('No gradients were observed by this moment').waitFor()
      await goTo(later?.version ?? 0)
      const layer = later?.data.layers[0]?.layer ?? ''
      await drawn(opened, layer, later?.data.step ?? 0)
      await panel
        .locator(`[data-layer="${layer}"] .number`, { hasText: formatValue(later?.data.layers[0]?.norm ?? 0) })
        .waitFor()
      await goTo(first?.version ?? 0)
      await drawn(opened, layer, first?.data.step ?? 0)
    },
    trainColours,
  ))

test('asks anew when something was observed, and not for every step', () =>
  looking('#/runs/short', async (opened, folder) => {
    const append = (...facts: Parameters<Journal['append']>[1]) => {
      const journal = Journal.open(new Store(folder).journalPath)
      journal.append('run/short', facts)
      journal.close()
    }
    await opened.locator('.connection[data-connected="true"]').waitFor()
    const panel = opened.locator('.panel.layers')
    await opened.locator('.layers-place').scrollIntoViewIfNeeded()
    await panel.getByText('observed every 100 steps unless').waitFor()
    append({ ...gradientsObserved(4), meta: { attempt: 2 } })
    await drawn(opened, 'kernel', 4)
    const asked = askedFor(opened)
    append({ ...stepCompleted(4), meta: { attempt: 2 } }, { ...stepCompleted(5), meta: { attempt: 2 } })
    await opened.locator('.time-told', { hasText: 'of 15' }).waitFor()
    append({ ...gradientsObserved(6, { kernel: 2 }), meta: { attempt: 2 } })
    await drawn(opened, 'kernel', 6)
    assert.equal(
      asked.map(address => new URL(address).searchParams.get('until')),
      ['16', '16'],
    )
  }))

page.run()
