import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Access } from '../../src/dashboard/access.ts'
import { type Dashboard, serveDashboard } from '../../src/dashboard/serve-dashboard.ts'
import { ask } from '../support/ask.ts'
import { inTemporaryFolder } from '../support/temporary-folder.ts'
import { writeTwoAttempts } from '../support/two-attempts.ts'

const test = suite('dashboard: who may ask')

function serving(work: (dashboard: Dashboard) => Promise<void>, host?: string): Promise<void> {
  return inTemporaryFolder(async folder => {
    writeTwoAttempts(folder)
    const dashboard = await serveDashboard({ store: folder, ...(host && { host }) })
    try {
      await work(dashboard)
    } finally {
      await dashboard.close()
    }
  })
}

test('it listens to this machine only', () =>
  serving(async dashboard => {
    assert.is(new URL(dashboard.url).hostname, '127.0.0.1')
    assert.is((await ask(dashboard, '/api/runs')).status, 200)
  }))

test('a name that was made to lead here is refused, with the port or without', () =>
  serving(async dashboard => {
    const { port } = new URL(dashboard.url)
    for (const host of [
      `evil.example:${port}`,
      'evil.example',
      '127.0.0.1',
      `127.0.0.1.evil.example:${port}`,
      `192.168.0.1:${port}`,
    ]) {
      const answer = await ask(dashboard, '/api/runs', { Host: host })
      assert.is(answer.status, 403, host)
      assert.not.match(answer.body, /short/)
    }
    for (const host of [`localhost:${port}`, `[::1]:${port}`, `127.0.0.1:${port}`]) {
      assert.is((await ask(dashboard, '/api/runs', { Host: host })).status, 200, host)
    }
  }))

test('pages of other sites are refused, also those of another port', () =>
  serving(async dashboard => {
    for (const Origin of [
      'http://evil.example',
      'null',
      'http://127.0.0.1:1',
      `https://${new URL(dashboard.url).host}`,
    ]) {
      assert.is((await ask(dashboard, '/api/runs', { Origin })).status, 403, Origin)
    }
    assert.is((await ask(dashboard, '/api/runs', { Origin: new URL(dashboard.url).origin })).status, 200)
  }))

test('what acts needs the token, which the printed address puts into a cookie and takes out of sight', () =>
  serving(async dashboard => {
    const { pathname, search, port } = new URL(dashboard.urlWithToken)
    assert.is((await ask(dashboard, '/api/act', {}, 'POST')).status, 403)
    assert.is((await ask(dashboard, '/?token=wrong')).status, 403)
    const given = await ask(dashboard, `${pathname}${search}`)
    assert.is(given.status, 302)
    assert.is(given.headers.location, '/')
    const [cookie = ''] = [given.headers['set-cookie'] ?? ''].flat()
    assert.match(cookie, new RegExp(`^chronograd-${port}=[\\w-]{32}; Path=/; HttpOnly; SameSite=Strict$`))
    const [Cookie = ''] = cookie.split(';')
    // There is nothing to act on here, but the door is open.
    assert.is((await ask(dashboard, '/api/act', { Cookie }, 'POST')).status, 404)
    assert.is((await ask(dashboard, '/api/act', { Cookie, Origin: 'http://evil.example' }, 'POST')).status, 403)
  }))

test('reachable from other machines, it shows nothing without the token', () =>
  serving(async dashboard => {
    const { port, search } = new URL(dashboard.urlWithToken)
    assert.is((await ask(dashboard, '/api/runs', { Host: `127.0.0.1:${port}` })).status, 403)
    const given = await ask(dashboard, `/${search}`, { Host: `127.0.0.1:${port}` })
    const [Cookie = ''] = [given.headers['set-cookie'] ?? ''].flat().map(cookie => cookie.split(';')[0] ?? '')
    assert.is((await ask(dashboard, '/api/runs', { Host: `192.168.0.7:${port}`, Cookie })).status, 200)
    assert.is((await ask(dashboard, '/api/runs', { Host: `evil.example:${port}`, Cookie })).status, 403)
  }, '0.0.0.0'))

test('every answer forbids scripts but those of the server, frames, and guessing of types', () =>
  serving(async dashboard => {
    for (const path of ['/api/runs', '/api/runs/none', '/nothing']) {
      const { headers } = await ask(dashboard, path)
      assert.match(
        String(headers['content-security-policy']),
        /default-src 'none'; script-src 'self'; .*frame-ancestors 'none'/,
      )
      assert.not.match(String(headers['content-security-policy']), /unsafe/)
      assert.is(headers['x-content-type-options'], 'nosniff')
    }
  }))

test('tokens differ from server to server, and compare whole', () => {
  const address = { host: '127.0.0.1', port: 80 }
  const access = new Access(address)
  assert.is.not(access.token, new Access(address).token)
  assert.ok(access.knowsToken(access.token))
  for (const wrong of [undefined, '', access.token.slice(1), `${access.token} `])
    assert.not.ok(access.knowsToken(wrong))
  assert.ok(access.knowsHost('localhost'), 'port 80 is left out of addresses')
})

test.run()
