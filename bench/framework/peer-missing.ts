/** A peer is not installed here. */
export class PeerMissingError extends Error {
  constructor(name: string, why: string) {
    super(`${name} is not compared with, for ${why}; "npm run bench:peers" installs the peers.`)
    this.name = 'PeerMissingError'
  }
}
