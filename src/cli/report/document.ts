import type { Chart } from '../../reports/chart.ts'
import type { namedMachines } from '../../statecharts/named-machines.ts'

/**
 * A report as plain data, which is written as Markdown and as HTML. All texts in it are taken as they are, whatever they
 * hold: what writes a document escapes them.
 */
export interface Document {
  readonly title: string
  readonly sections: readonly Section[]
}

export interface Section {
  /** The first section of a document may go without. */
  readonly title?: string
  readonly blocks: readonly Block[]
}

export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  | { readonly kind: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] }
  /** Names with their values. */
  | { readonly kind: 'facts'; readonly rows: readonly (readonly [name: string, value: string])[] }
  /** What few readers want to see: shown when they ask for it. */
  | { readonly kind: 'code'; readonly title: string; readonly language: string; readonly text: string }
  | { readonly kind: 'chart'; readonly chart: Chart }
  | { readonly kind: 'picture'; readonly picture: Picture }
  /** One of our machines, with the id of the state that is lit. */
  | {
      readonly kind: 'machine'
      readonly title: string
      readonly machine: keyof typeof namedMachines
      readonly lit: string
    }

/** A picture that was drawn before. */
export interface Picture {
  /** What its file is called, without an ending. */
  readonly name: string
  readonly title: string
  readonly png: Buffer
}
