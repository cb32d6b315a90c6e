/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** What a person keeps in a checkpoint beside the parts: anything that JSON can say. */
export interface CustomState {
  /** Called whenever a checkpoint is saved or loaded. */
  save(): Json
  /** Takes what `save` gave, in another process perhaps. When it throws, it is called again with the present state. */
  load(state: Json): void
}
