/** `GET /api/runs/:run/look?version=`: what there is to look at a run's pictures with, as it stood after an event. */
export interface LookAnswer {
  /** What small pictures of the validation data are asked for by; null where none are kept. */
  readonly album: string | null
  /** The checkpoint that searches by a text; null where none can. */
  readonly searcher: { readonly checkpoint: string; readonly step: number } | null
  /** Why none can, and what to do about it. */
  readonly hint: string | null
}

/** `GET /api/runs/:run/look/search?version=&text=&top=`, or with `key=` what is like a picture: the nearest pictures. */
export interface SearchAnswer {
  readonly checkpoint: string
  readonly step: number
  readonly found: readonly { readonly key: string; readonly caption: string; readonly similarity: number }[]
}
