import { formatTable } from '../src/cli/format.ts'
import { countDetected, diagnoseHealthyRuns, isAlarm } from '../test/support/detection.ts'
import { healthyShapes } from '../test/support/healthy-runs.ts'

/**
 * Prints how often the detectors alarm healthy made-up trainings, by shape, and how often they find each fault.
 *
 *     node --import tsx scripts/false-alarms.ts [trainings of each shape]
 */
const perShape = Number(process.argv[2] ?? 25)
const results = diagnoseHealthyRuns(perShape)
const alarmed = results.filter(({ diagnoses }) => diagnoses.some(isAlarm))
const rows = healthyShapes.map(shape => {
  const codes = alarmed
    .filter(result => result.shape === shape)
    .flatMap(({ diagnoses }) => diagnoses.filter(isAlarm).map(({ code }) => code))
  const count = alarmed.filter(result => result.shape === shape).length
  return [shape, `${count} of ${perShape}`, [...new Set(codes)].join(', ')]
})
const share = (count: number, of: number) => `${((100 * count) / of).toFixed(1)} %`

console.log(formatTable(['healthy trainings', 'alarmed', 'by'], rows))
console.log(`\nFalse alarms: ${alarmed.length} of ${results.length}, ${share(alarmed.length, results.length)}.\n`)
const found = [...countDetected(2 * perShape)]
console.log(
  formatTable(
    ['fault', 'found'],
    found.map(([code, count]) => [code, `${count} of ${2 * perShape}`]),
  ),
)
